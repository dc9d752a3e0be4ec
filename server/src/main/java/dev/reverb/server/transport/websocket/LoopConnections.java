package dev.reverb.server.transport.websocket;

import dev.reverb.server.config.ServerConfig;
import dev.reverb.server.protocol.ProtocolError;
import dev.reverb.server.session.SessionContext;
import dev.reverb.server.transport.flow.ReadProgressSampler;
import dev.reverb.server.transport.loop.LoopContext;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The connections of one loop, and those of them that are behind. Loop thread only, unless a method says otherwise. */
public final class LoopConnections {

    /** How many connections are closed in one turn of the loop. */
    private static final int CLOSED_AT_ONCE = 64;

    private final LoopContext loop;
    private final List<Connection> all = new ArrayList<>();
    private final List<Connection> behind = new ArrayList<>();
    private final UserIndex users = new UserIndex();
    private final List<Subscriptions> repeating = new ArrayList<>();
    private final ReadProgressSampler sampler;
    private final SessionContext sessions;
    private final GreetingMemory greetings;

    /** Makes the list of {@code loop}, before the loop's tick starts. */
    public LoopConnections(LoopContext loop, ServerConfig config) {
        this.loop = loop;
        sampler = new ReadProgressSampler(loop.channels(), fault -> loop.meters().fault("sampling", fault));
        sessions = new SessionContext(loop.signers(), config.limits());
        greetings = GreetingMemory.of(config.loops());
        boolean scaling = config.scaling().enabled(); // other nodes publish, and ask how far clients have read
        if (scaling) {
            loop.onTick(sampler::tick);
        }
        loop.onTick(this::checkBehind);
        loop.onTick(() -> {
            if (!repeating.isEmpty()) {
                repeating.removeIf(one -> one.repeatGreetings(loop.wheel().now()));
            }
        });
    }

    /** Sends the greetings that {@code subscriptions} were asked for again when they are due. */
    void repeatLater(Subscriptions subscriptions) {
        repeating.add(subscriptions);
    }

    private void checkBehind() {
        int now = loop.wheel().now();
        for (int i = behind.size() - 1; i >= 0; i--) {
            if (!stillBehind(behind.get(i), now)) {
                behind.set(i, behind.getLast());
                behind.removeLast();
            }
        }
    }

    private boolean stillBehind(Connection connection, int now) {
        try {
            return connection.stillBehind(now);
        } catch (Throwable fault) {
            loop.meters().fault("a check of a slow reader", fault);
            connection.abort();
            return false;
        }
    }

    /** The loop. Any thread. */
    public LoopContext loop() {
        return loop;
    }

    /** How far its clients have read. */
    public ReadProgressSampler sampler() {
        return sampler;
    }

    /** What its long greetings hold. */
    GreetingMemory greetings() {
        return greetings;
    }

    /** What its sessions share. */
    SessionContext sessions() {
        return sessions;
    }

    /** A copy of the list, so that what it is for may close connections. */
    public List<Connection> all() {
        return List.copyOf(all);
    }

    /** The connections by user. */
    UserIndex users() {
        return users;
    }

    /**
     * Closes the connections that are signed in as {@code userId} or are members with that id, behind all that was
     * published before this call. Completes when they are closed: until then some may get what is published meanwhile,
     * as many of them take turns with what else the loop has to do. Any thread.
     */
    public CompletionStage<Void> terminate(String app, String userId) {
        CompletableFuture<Void> closed = new CompletableFuture<>();
        loop.channels().inOrder(() -> terminate(users.of(app, userId), 0, closed));
        return closed;
    }

    private void terminate(List<Connection> connections, int from, CompletableFuture<Void> closed) {
        int to = Math.min(connections.size(), from + CLOSED_AT_ONCE);
        connections.subList(from, to).forEach(connection -> connection.close(ProtocolError.TERMINATED));
        if (to == connections.size() || !loop.execute(() -> terminate(connections, to, closed))) {
            closed.complete(null);
        }
    }

    /** Checks {@code connection} every tick until it has caught up. */
    void watch(Connection connection) {
        behind.add(connection);
    }

    void add(Connection connection) {
        connection.place = all.size();
        all.add(connection);
    }

    void remove(Connection connection) {
        int place = connection.place;
        if (place < 0) {
            return;
        }
        Connection last = all.removeLast();
        if (last != connection) {
            all.set(place, last);
            last.place = place;
        }
        connection.place = -1;
    }

    /** Names how many there are. */
    @Override
    public String toString() {
        return "LoopConnections[" + all.size() + "]";
    }
}
