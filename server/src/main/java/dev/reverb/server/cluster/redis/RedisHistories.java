package dev.reverb.server.cluster.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.reverb.server.cluster.ChannelId;
import dev.reverb.server.cluster.Histories;
import dev.reverb.server.cluster.HistoryPoint;
import dev.reverb.server.cluster.Publication;
import dev.reverb.server.cluster.redis.base.ClusterNode;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.server.cluster.redis.link.Link;
import dev.reverb.server.cluster.redis.link.Script;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Histories over Redis: written by {@code write.lua} with the frames, read by {@code history.lua}. Holds what this node
 * published and Redis has not confirmed, as a read may come before it; the broker's bounds hold for that too. Any
 * thread.
 */
final class RedisHistories implements Histories {

    private final ClusterNode node;
    private final Link link;
    private final ConcurrentHashMap<ChannelId, List<Publication>> unwritten = new ConcurrentHashMap<>();
    private final Set<ChannelId> followed = ConcurrentHashMap.newKeySet();

    RedisHistories(ClusterNode node, Link link) {
        this.node = node;
        this.link = link;
    }

    /** Whether the channel, which is attached, keeps its messages. */
    boolean follows(ChannelId channel) {
        return followed.contains(channel);
    }

    void forget(ChannelId channel) {
        followed.remove(channel);
    }

    /** {@code publication} was accepted; calls for one channel come in the order of its numbers. */
    void accepted(Publication publication) {
        unwritten.compute(publication.channel(), (_, list) -> {
            List<Publication> more = list == null ? new ArrayList<>(2) : list;
            more.add(publication);
            return more;
        });
    }

    /** Redis has it, and so all before it. */
    void written(Publication publication) {
        unwritten.computeIfPresent(publication.channel(), (_, list) -> {
            list.removeIf(one -> one.number() <= publication.number());
            return list.isEmpty() ? null : list;
        });
    }

    @Override
    public @Nullable HistoryPoint follow(ChannelId channel) {
        followed.add(channel);
        return null;
    }

    @Override
    public List<Publication> unwritten(ChannelId channel) {
        List<Publication> copy = new ArrayList<>();
        unwritten.computeIfPresent(channel, (_, list) -> {
            copy.addAll(list);
            return list;
        });
        return copy;
    }

    @Override
    public @Nullable HistoryPoint placed(Publication publication) {
        return null;
    }

    @Override
    public void read(ChannelId channel, Question question, Consumer<@Nullable Page> answer) {
        node.scheduler().execute(() -> {
            if (!link.up()) {
                answer.accept(null);
                return;
            }
            int partition = Keyspace.partition(channel);
            byte[][] keys = {node.keys().history(channel), node.keys().historyEnd(channel),
                    node.keys().origins(partition)};
            List<byte[]> arguments = new ArrayList<>(8);
            arguments.add(Keyspace.bytes(question.rule().ageMillis()));
            arguments.add(Keyspace.bytes(question.newest()));
            point(arguments, question.after());
            point(arguments, question.current());
            arguments.add(question.unwritten() ? node.identity().idBytes() : new byte[0]);
            link.run(Script.HISTORY, keys, arguments.toArray(byte[][]::new),
                    (reply, _) -> answer.accept(reply == null ? null : page(reply)));
        });
    }

    private static void point(List<byte[]> arguments, @Nullable HistoryPoint point) {
        arguments.add(Keyspace.bytes(point == null ? "" : point.millis() + "-" + point.sequence()));
        arguments.add(Keyspace.bytes(point == null ? "" : point.origin()));
        arguments.add(Keyspace.bytes(point == null ? 0 : point.number()));
    }

    /** Null where something else stands in Redis than {@code write.lua} writes. */
    private static @Nullable Page page(List<Object> reply) {
        try {
            List<Entry> entries = new ArrayList<>();
            for (Object entry : (List<?>) reply.get(2)) {
                List<?> parts = (List<?>) entry;
                String[] id = text(parts.getFirst()).split("-", 2);
                List<?> fields = (List<?>) parts.get(1);
                HistoryPoint point = new HistoryPoint(Long.parseLong(id[0]), Long.parseLong(id[1]), text(fields.get(1)),
                        Long.parseLong(text(fields.get(3))));
                entries.add(
                        new Entry(point, point.millis(), Long.parseLong(text(fields.get(5))), (byte[]) fields.get(7)));
            }
            return new Page(found((Long) reply.getFirst()), (Long) reply.get(1) == 0,
                    Long.parseLong(text(reply.get(3))), entries);
        } catch (IndexOutOfBoundsException | ClassCastException | NumberFormatException notOurs) {
            return null;
        }
    }

    private static Found found(long code) {
        return code == 0 ? Found.YES : code == 1 ? Found.TOO_OLD : Found.UNKNOWN;
    }

    private static String text(Object bytes) {
        return new String((byte[]) bytes, UTF_8);
    }
}
