package dev.reverb.server.session;

import dev.reverb.server.config.ServerConfig.LimitsConfig;
import dev.reverb.server.protocol.JsonObjectScanner;
import dev.reverb.server.protocol.Signers;

/** What the sessions of one thread share, since messages are read one after the other. One thread. */
public final class SessionContext {

    final Signers signers;
    final LimitsConfig limits;
    /** The fields of a message. */
    final JsonObjectScanner message = new JsonObjectScanner("event", "channel", "data");
    /** The fields of a command's data. */
    final JsonObjectScanner command = new JsonObjectScanner("channel", "auth", "channel_data", "user_data", "resume");

    /** @param limits of the server; those of the application come with each message */
    public SessionContext(Signers signers, LimitsConfig limits) {
        this.signers = signers;
        this.limits = limits;
    }
}
