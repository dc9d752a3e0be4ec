package dev.reverb.server.listener;

import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes every message to the log, as {@code reverb start --debug} asks for; signatures are masked. */
public final class DebugStream implements ReverbListener {

    private static final Logger LOG = LoggerFactory.getLogger("reverb.debug");
    private static final Pattern SIGNATURE = Pattern.compile("(:)[0-9a-fA-F]{64}(\\\\*\")");
    private static final Pattern SECRET = Pattern.compile("(shared_secret\\\\*\"\\s*:\\s*\\\\*\")[^\"\\\\]+");

    /** Explains its lines in the first one. */
    public DebugStream() {
        LOG.info("Debug: each line begins with the application and the socket id; < is a message from a client, > one"
                + " to it; requests of the HTTP API have their status, and events the subscribers that they are for");
    }

    /** A line about a connection or a request. */
    void note(String line) {
        LOG.info(mask(line));
    }

    @Override
    public void on(ReverbEvent event) {
        switch (event) {
            case ReverbEvent.ChannelCreated created ->
                LOG.info("{} channel created {}", created.app(), created.channel());
            case ReverbEvent.ChannelRemoved removed ->
                LOG.info("{} channel removed {}", removed.app(), removed.channel());
            case ReverbEvent.ConnectionPruned pruned -> LOG.info("{} {} pruned", pruned.app(), pruned.socketId());
            case ReverbEvent.MessageReceived in -> LOG.info("{} {} < {}", in.app(), in.socketId(), mask(in.message()));
            case ReverbEvent.MessageSent out -> LOG.info("{} {} > {}", out.app(), out.socketId(), mask(out.message()));
        }
    }

    /** The message without signatures and keys of encrypted channels. */
    public static String mask(String message) {
        return SECRET.matcher(SIGNATURE.matcher(message).replaceAll("$1***$2")).replaceAll("$1***");
    }
}
