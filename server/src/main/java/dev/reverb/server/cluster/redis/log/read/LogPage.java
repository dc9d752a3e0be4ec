package dev.reverb.server.cluster.redis.log.read;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.reverb.server.cluster.message.ChannelState;
import dev.reverb.server.cluster.message.HistoryPoint;
import dev.reverb.server.cluster.message.Member;
import dev.reverb.server.cluster.redis.base.Clock;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.server.cluster.redis.base.NodeIdentity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The reply of {@code read.lua}. */
public final class LogPage {

    /** In place of a frame's first bytes: the position is a time, not an entry. */
    static final byte[] SINCE = Keyspace.bytes("@");

    private final List<Object> reply;

    LogPage(List<Object> reply) {
        this.reply = reply;
    }

    /**
     * The arguments of the script.
     *
     * @param from the last entry known, null for none
     * @param identity the first bytes of its frame
     * @param page bytes after which a page ends
     * @param origins whether the origins are wanted
     * @param node who reads
     * @param wanted channels whose state is wanted
     */
    static byte[][] question(String base, @Nullable Position from, byte[] identity, long page, boolean origins,
            byte[] node, List<Interest> wanted) {
        List<byte[]> arguments = new ArrayList<>(6 + wanted.size());
        arguments.add(Keyspace.bytes(base));
        arguments.add(from == null ? new byte[0] : Keyspace.bytes(from.toString()));
        arguments.add(identity);
        arguments.add(Keyspace.bytes(page));
        arguments.add(Keyspace.bytes(origins ? 1 : 0));
        arguments.add(node);
        for (Interest attachment : wanted) {
            arguments.add(Keyspace.bytes(Keyspace.scope(attachment.channel())));
        }
        return arguments.toArray(byte[][]::new);
    }

    /** Whether the entries follow the one that was asked for without a gap. */
    boolean continued() {
        return (Long) reply.getFirst() == 1;
    }

    /** Whether nothing was lost though the log was read from its start, because {@code known} is where it starts. */
    boolean firstPageOf(Position known) {
        List<Object> entries = list(reply.get(4));
        if (entries.isEmpty()) {
            return end().equals(known);
        }
        return !entries.isEmpty() && known.precedes(Position.parse((byte[]) entries.getFirst()));
    }

    Position end() {
        return Position.parse((byte[]) reply.get(1));
    }

    /** The first bytes of what stands at the {@link #end}; empty when nothing does. */
    byte[] identity() {
        return FrameIntake.identity((byte[]) reply.get(2), 0);
    }

    boolean more() {
        return (Long) reply.get(3) == 1;
    }

    void entries(BiConsumer<Position, byte[]> handler) {
        List<Object> entries = list(reply.get(4));
        for (int i = 0; i + 1 < entries.size(); i += 2) {
            handler.accept(Position.parse((byte[]) entries.get(i)), (byte[]) entries.get(i + 1));
        }
    }

    /** The number of the last frame of every origin before the {@link #end}. */
    void origins(BiConsumer<String, Long> handler) {
        List<Object> origins = list(reply.get(5));
        for (int i = 0; i + 1 < origins.size(); i += 2) {
            String name = text(origins.get(i));
            OptionalLong sequence = leadingNumber(text(origins.get(i + 1)));
            if (!name.isEmpty() && "#!@".indexOf(name.charAt(0)) < 0 && sequence.isPresent()) {
                handler.accept(name, sequence.getAsLong());
            }
        }
    }

    /** The number that a record begins with, up to a colon or its end; empty when it begins with none. */
    public static OptionalLong leadingNumber(String record) {
        int colon = record.indexOf(':');
        try {
            return OptionalLong.of(Long.parseLong(record, 0, colon < 0 ? record.length() : colon, 10));
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    void states(NodeIdentity self, Clock clock, List<Interest> wanted, BiConsumer<Interest, ChannelState> handler) {
        List<Object> states = list(reply.get(6));
        for (int i = 0; i < wanted.size(); i++) {
            List<Object> state = list(states.get(i));
            Object mark = wanted.get(i).keeps() ? state.get(4) : null;
            HistoryPoint history = wanted.get(i).keeps() ? history(mark) : null;
            handler.accept(wanted.get(i), state(self, clock, state, history, numbers(mark)));
        }
    }

    /** Where a history ends, as {@code write.lua} notes it. */
    private @Nullable HistoryPoint history(@Nullable Object mark) {
        Object identity = reply.size() > 7 ? reply.get(7) : null;
        if (mark == null) {
            return identity == null ? null : end().nothing(text(identity));
        }
        String[] fields = text(mark).split(" ", -1);
        Position at = Position.parse(Keyspace.bytes(fields[0]));
        return fields.length < 3 ? null
                : new HistoryPoint(at.millis(), at.sequence(), fields[1], leadingNumber(fields[2]).orElse(0));
    }

    /** The last numbers of the nodes that wrote to a history lately, as {@code write.lua} notes them. */
    private static Map<String, Long> numbers(@Nullable Object mark) {
        String[] fields = mark == null ? new String[0] : text(mark).split(" ", -1);
        Map<String, Long> numbers = new HashMap<>();
        for (String last : fields.length < 6 ? new String[0] : fields[5].split(";", -1)) {
            int equals = last.indexOf('=');
            int at = last.indexOf('@');
            if (equals > 0 && at > equals) {
                leadingNumber(last.substring(equals + 1, at))
                        .ifPresent(number -> numbers.put(last.substring(0, equals), number));
            }
        }
        return numbers;
    }

    private static ChannelState state(NodeIdentity self, Clock clock, List<Object> state,
            @Nullable HistoryPoint history, Map<String, Long> numbers) {
        List<Object> fields = list(state.getFirst());
        List<Member> members = new ArrayList<>(fields.size() / 2);
        for (int i = 0; i + 1 < fields.size(); i += 2) {
            String name = text(fields.get(i));
            int colon = name.indexOf(':');
            if (colon < 0) { // not from here
                continue;
            }
            String owner = name.substring(0, colon);
            if (!self.owns(owner)) {
                members.add(new Member(owner, name.substring(colon + 1), (byte[]) fields.get(i + 1)));
            }
        }
        byte @Nullable [] cached = (byte[]) state.get(1);
        long ttl = (Long) state.get(2);
        int subscriptions = state.get(3) == null ? 0
                : Math.clamp(leadingNumber(text(state.get(3))).orElse(0), 0, Integer.MAX_VALUE);
        return new ChannelState(members, cached, cached == null ? 0 : clock.millis() + Math.max(0, ttl), subscriptions,
                history, numbers);
    }

    @SuppressWarnings("unchecked")
    private static List<Object> list(Object value) {
        return (List<Object>) value;
    }

    private static String text(Object value) {
        return new String((byte[]) value, UTF_8);
    }
}
