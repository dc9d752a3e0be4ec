package dev.reverb.server.channel;

import dev.reverb.model.App;
import dev.reverb.server.app.AppRegistry;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.Publication;
import dev.reverb.server.metrics.MessageCounts;
import dev.reverb.server.resume.Keeping;
import dev.reverb.server.tail.AppTail;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The channels of one application on this node, and how many connections it has. What the application is configured as
 * is the registry's to say, each time anew. Any thread.
 */
public final class AppChannels {

    private final String id;
    private final AppRegistry registry;
    final ConcurrentHashMap<String, SharedChannel> channels = new ConcurrentHashMap<>();
    private final MessageCounts messages = new MessageCounts();
    private final AppTail tail = new AppTail();
    private final AtomicInteger connections = new AtomicInteger();

    AppChannels(String id, AppRegistry registry) {
        this.id = id;
        this.registry = registry;
    }

    /** The application's id. */
    public String id() {
        return id;
    }

    /**
     * The application as it is configured now; without secrets once it was removed, and null when its connections
     * should be closed.
     */
    public @Nullable App app() {
        return registry.orLast(id);
    }

    /** A client event of one of its connections, on its way to {@code channel}. */
    public Publication publication(String channel, byte[] message, long exclude) {
        App configured = app();
        return new Publication(new ChannelId(id, channel), message, exclude, 0,
                configured == null ? null : Keeping.of(configured, channel), 0);
    }

    /** Messages of its clients on this node. */
    public MessageCounts messages() {
        return messages;
    }

    /** Who reads along with it. */
    public AppTail tail() {
        return tail;
    }

    /** Connections to this node. */
    public int connections() {
        return connections.get();
    }

    /** Counts a connection in or out. */
    public void connections(int change) {
        connections.addAndGet(change);
    }
}
