package dev.reverb.server.watchlist;

import dev.reverb.server.protocol.JsonWriter;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One signed-in connection and whom it watches. However much changes before its loop turns to it, it sends one message.
 * Its loop's thread only, but for {@link #look}.
 */
public final class SignedIn {

    private final List<UserShard.Watched> users;
    private final Executor loop;
    private final Consumer<byte[]> send;
    private final AtomicBoolean scheduled = new AtomicBoolean();
    /** Who is online, of {@link #users} by place, as the client last received it. */
    private final BitSet shown = new BitSet();
    private boolean begun;
    private @Nullable Runnable onEnd;
    private boolean ended;

    SignedIn(List<UserShard.Watched> users, Executor loop, Consumer<byte[]> send) {
        this.users = users;
        this.loop = loop;
        this.send = send;
    }

    /** Its list is complete. */
    void began(Runnable onEnd) {
        this.onEnd = onEnd;
    }

    /** Something changed of one that it watches. Any thread. */
    void look() {
        if (scheduled.compareAndSet(false, true)) {
            loop.execute(this::tell);
        }
    }

    /** The connection ended, or signed in anew. */
    public void end() {
        ended = true;
        Runnable then = onEnd;
        onEnd = null;
        if (then != null) {
            then.run();
        }
    }

    private void tell() {
        scheduled.set(false);
        if (ended || (!begun && !users.stream().allMatch(user -> user.shard().known()))) {
            return;
        }
        List<String> online = new ArrayList<>();
        List<String> offline = new ArrayList<>();
        for (int i = 0; i < users.size(); i++) {
            boolean now = users.get(i).online();
            if (!begun || now != shown.get(i)) {
                shown.set(i, now);
                (now ? online : offline).add(users.get(i).id());
            }
        }
        begun = true;
        if (!online.isEmpty() || !offline.isEmpty()) {
            send.accept(message(online, offline));
        }
    }

    private static byte[] message(List<String> online, List<String> offline) {
        JsonWriter data = new JsonWriter(256).ascii("{\"events\":[");
        event(data, "online", online);
        data.ascii(online.isEmpty() || offline.isEmpty() ? "" : ",");
        event(data, "offline", offline);
        byte[] events = data.ascii("]}").toBytes();
        return new JsonWriter(events.length * 2 + 64).ascii("{\"event\":\"pusher_internal:watchlist_events\",\"data\":")
                .string(events, 0, events.length)
                .ascii("}")
                .toBytes();
    }

    private static void event(JsonWriter data, String name, List<String> ids) {
        if (ids.isEmpty()) {
            return;
        }
        data.ascii("{\"name\":\"" + name + "\",\"user_ids\":[");
        for (int i = 0; i < ids.size(); i++) {
            data.ascii(i == 0 ? "" : ",").string(ids.get(i));
        }
        data.ascii("]}");
    }
}
