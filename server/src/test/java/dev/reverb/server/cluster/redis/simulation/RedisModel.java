package dev.reverb.server.cluster.redis.simulation;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.reverb.server.cluster.redis.link.Command;
import dev.reverb.server.cluster.redis.link.Script;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.luaj.vm2.LuaError;

/** One Redis: its data, its clock, who listens to what, and what goes wrong with it. */
final class RedisModel {

    /** One pair of connections of a node. */
    interface Connection {

        /** A message is on its way to it. */
        void onMessage(byte[] topic, byte[] message);

        /** Messages of this topic come no more: its slot is elsewhere. */
        void onSubscriptionLost(byte[] topic);

        /** It ends. */
        void reset();
    }

    private final World world;
    private final RedisData data;
    private final Lua lua;
    private final Set<Connection> connections = new LinkedHashSet<>();
    private final Map<String, Set<Connection>> subscribers = new HashMap<>();
    private final TreeMap<Long, RedisData> snapshots = new TreeMap<>();
    /** Slots on the move, as the hash tags of their partitions, and by what it is decided which keys have moved. */
    private final Map<String, Integer> moving = new HashMap<>();
    private final Map<String, Swept> swept = new HashMap<>();
    private long clockOffset;
    private boolean wasSetBack;
    private long setForwardAgain = -1;
    private boolean up = true;
    private long frozenUntil;
    /** Whether writes that were acknowledged were lost, ever. */
    boolean lostWrites;

    RedisModel(World world, Lua scripts) {
        this.world = world;
        data = new RedisData(() -> world.millis() + clockOffset);
        lua = scripts.on(this::call);
    }

    boolean up() {
        return up;
    }

    long frozenUntil() {
        return frozenUntil;
    }

    void connect(Connection connection) {
        connections.add(connection);
    }

    void disconnect(Connection connection) {
        connections.remove(connection);
        subscribers.values().forEach(all -> all.remove(connection));
    }

    void subscribe(Connection connection, byte[] topic) {
        subscribers.computeIfAbsent(new String(topic, ISO_8859_1), _ -> new LinkedHashSet<>()).add(connection);
    }

    void unsubscribe(Connection connection, byte[] topic) {
        subscribers.getOrDefault(new String(topic, ISO_8859_1), new LinkedHashSet<>()).remove(connection);
    }

    /** Runs a script or refuses it. */
    List<Object> run(Script script, byte[][] keys, byte[][] arguments) {
        data.dirty = false;
        for (byte[] key : keys) {
            beHere(text(key));
        }
        return script == Script.SWEEP ? sweep(keys, arguments) : carryOut(script, keys, arguments);
    }

    /** What a sweep said of a partition. */
    private record Swept(long version, byte[][] question, List<Object> reply) {}

    /**
     * Most partitions have nothing but a record of who was reaped, and are looked at again and again: as long as
     * nothing changed there, the same question has the same answer.
     */
    private List<Object> sweep(byte[][] keys, byte[][] arguments) {
        String origins = text(keys[0]);
        long version = data.version(origins);
        if (version < 0) {
            return carryOut(Script.SWEEP, keys, arguments);
        }
        String who = origins + text(arguments[0]);
        Swept last = swept.get(who);
        if (last != null && last.version == version && Arrays.deepEquals(last.question, arguments)) {
            return last.reply;
        }
        List<Object> reply = carryOut(Script.SWEEP, keys, arguments);
        if (data.version(origins) == version) { // it has written nothing
            swept.put(who, new Swept(version, arguments, reply));
        }
        return reply;
    }

    private List<Object> carryOut(Script script, byte[][] keys, byte[][] arguments) {
        try {
            return lua.run(script, keys, arguments);
        } catch (LuaError e) {
            String message = String.valueOf(e.getMessage());
            int known = Math.max(message.indexOf("OOM "), message.indexOf("TRYAGAIN "));
            throw new RedisData.Refused(
                    known >= 0 ? message.substring(known) : "ERR " + message + " script: " + script);
        }
    }

    private @Nullable Object call(List<String> words) {
        if (words.getFirst().equals("PUBLISH") || words.getFirst().equals("SPUBLISH")) {
            return publish(words.get(1), words.get(2));
        }
        if (!moving.isEmpty() && words.size() > 1) {
            beHere(words.get(1));
        }
        return data.call(words);
    }

    /** Of a slot that moves, what is not here may be there; about half of the keys have moved. */
    private void beHere(String key) {
        int tag = key.indexOf('{');
        Integer salt = tag < 0 ? null : moving.get(key.substring(tag, key.indexOf('}') + 1));
        if (salt != null && (((key.hashCode() ^ salt) * 0x9E3779B9) < 0
                || !Long.valueOf(1).equals(data.call(List.of("EXISTS", key))))) {
            throw new RedisData.Refused("TRYAGAIN Multiple keys request during rehashing of slot");
        }
    }

    /** The slot of a partition moves; then who subscribed to its topic has to do so again, at the other server. */
    void moveSlot(String tag, long nanos) {
        if (moving.putIfAbsent(tag, world.random.nextInt()) == null) {
            world.after(nanos, () -> {
                moving.remove(tag);
                subscribers.forEach((topic, all) -> {
                    if (topic.endsWith(tag)) {
                        List.copyOf(all).forEach(one -> one.onSubscriptionLost(topic.getBytes(ISO_8859_1)));
                        all.clear();
                    }
                });
            });
        }
    }

    private long publish(String topic, String message) {
        Set<Connection> all = subscribers.getOrDefault(topic, Set.of());
        byte[] name = topic.getBytes(ISO_8859_1);
        byte[] bytes = message.getBytes(ISO_8859_1);
        List.copyOf(all).forEach(one -> one.onMessage(name, bytes));
        return all.size();
    }

    private static String text(byte[] bytes) {
        return new String(bytes, ISO_8859_1);
    }

    private static byte @Nullable [] bytes(@Nullable Object text) {
        return text == null ? null : ((String) text).getBytes(ISO_8859_1);
    }

    /** Runs a command. */
    @SuppressWarnings("ArrayAsKeyOfSetOrMap") // as Lettuce answers; fields come once
    @Nullable
    Object run(Command<?> command) {
        data.dirty = false;
        return switch (command) {
            case Command.HashField(byte[] key, byte[] field) ->
                bytes(data.call(List.of("HGET", text(key), text(field))));
            case Command.HashFields(byte[] key) -> {
                List<?> all = (List<?>) data.call(List.of("HGETALL", text(key)));
                Map<byte[], byte[]> map = new LinkedHashMap<>();
                for (int i = 0; all != null && i < all.size(); i += 2) {
                    map.put(((String) all.get(i)).getBytes(ISO_8859_1), ((String) all.get(i + 1)).getBytes(ISO_8859_1));
                }
                yield map;
            }
            case Command.HashKeys(byte[] key) -> list(data.call(List.of("HKEYS", text(key))));
            case Command.Value(byte[] key) -> bytes(data.call(List.of("GET", text(key))));
            case Command.MillisToLive(byte[] key) -> data.call(List.of("PTTL", text(key)));
            case Command.AddMember(byte[] key, byte[] member) -> data.call(List.of("SADD", text(key), text(member)));
            case Command.Members(byte[] key) -> bytesSet(list(data.call(List.of("SMEMBERS", text(key)))));
            case Command.SortedSetSize(byte[] key) -> data.call(List.of("ZCARD", text(key)));
            case Command.Publish(byte[] topic, byte[] message) -> publish(text(topic), text(message));
            default -> throw new IllegalStateException("the model does not know " + command);
        };
    }

    @SuppressWarnings("ArrayAsKeyOfSetOrMap") // as Lettuce answers; members come once
    private static Set<byte[]> bytesSet(List<byte[]> members) {
        return new LinkedHashSet<>(members);
    }

    private static List<byte[]> list(@Nullable Object reply) {
        List<byte[]> list = new ArrayList<>();
        if (reply instanceof List<?> all) {
            all.forEach(one -> list.add(((String) one).getBytes(ISO_8859_1)));
        }
        return list;
    }

    /** Keeps what there is now, for a fail-over to a replica that has no more. */
    void snapshot() {
        snapshots.put(world.nanos(), data.copy());
        while (snapshots.size() > 8) {
            snapshots.pollFirstEntry();
        }
    }

    /** Another server takes over that lacks what was written since the last snapshot. */
    void failOver(long downNanos) {
        Map.Entry<Long, RedisData> last = snapshots.lastEntry();
        if (last != null) {
            data.restore(last.getValue());
            snapshots.clear();
            lostWrites = true;
        }
        stop(downNanos);
    }

    /** Restarts, with its data or empty. */
    void restart(boolean empty, long downNanos) {
        if (empty) {
            data.clear();
            snapshots.clear();
            lostWrites = true;
        }
        stop(downNanos);
    }

    private void stop(long downNanos) {
        up = false;
        List.copyOf(connections).forEach(Connection::reset);
        subscribers.clear();
        world.after(downNanos, () -> up = true);
    }

    void freeze(long nanos) {
        frozenUntil = Math.max(frozenUntil, world.nanos() + nanos);
    }

    void full(boolean full) {
        data.full = full;
    }

    void shiftClock(long millis) {
        clockOffset += millis;
        if (millis > 0 && wasSetBack) {
            setForwardAgain = world.nanos();
        }
        wasSetBack |= millis < 0;
    }

    /** When its clock was set forward last after it had been set back; -1 for never. */
    long setForwardAgain() {
        return setForwardAgain;
    }

    int entries() {
        return data.entries();
    }
}
