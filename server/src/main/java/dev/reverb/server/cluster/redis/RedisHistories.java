package dev.reverb.server.cluster.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.reverb.server.cluster.Histories;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.HistoryPoint;
import dev.reverb.server.cluster.message.Publication;
import dev.reverb.server.cluster.redis.base.ClusterNode;
import dev.reverb.server.cluster.redis.base.Keyspace;
import dev.reverb.server.cluster.redis.link.Link;
import dev.reverb.server.cluster.redis.link.Script;
import dev.reverb.server.cluster.redis.log.read.HandedFrames;
import dev.reverb.server.cluster.redis.log.read.PartitionReader;
import dev.reverb.server.cluster.redis.log.write.PartitionWriter;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
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

    /** How long a client that returns waits for Redis, and for what other nodes write again after Redis lost it. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration PAUSE = Duration.ofMillis(50);
    /** The lower bits of an id's second part: the place in the frame. */
    private static final int PLACE_BITS = 14;
    /** Scripts under way: all else that this node asks Redis waits behind what they answer, up to 16 MiB each. */
    private static final int MOST_READS = 4;

    private final PartitionReader[] readers;
    private final PartitionWriter[] writers;
    /** Since when Redis is not reached; 0 where it is. Cluster thread only. */
    private long downSince;
    /** By partition, since when Redis lacks frames that this node has; 0 where it does not. Cluster thread only. */
    private final long[] unsettledSince;
    /** By partition, how many frames those were when Redis was asked last. */
    private final long[] lacks;
    /** Scripts under way, and reads that wait for one of them to end. Cluster thread only. */
    private int reading;
    private boolean goingOn;
    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();

    RedisHistories(ClusterNode node, Link link, PartitionReader[] readers, PartitionWriter[] writers) {
        this.node = node;
        this.link = link;
        this.readers = readers;
        this.writers = writers;
        this.unsettledSince = new long[readers.length];
        this.lacks = new long[readers.length];
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
    public void bound(long all, long ofApp) {
        node.histories().bound(all, ofApp);
    }

    @Override
    public Map<String, Usage> usage() {
        return node.histories().usage();
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
        long until = node.clock().nanos() + PATIENCE.toNanos();
        node.scheduler().execute(() -> attempt(channel, question, answer, until));
    }

    /** Reads now, or again a moment later where Redis is not reached, or lacks what other nodes will write again. */
    private void attempt(ChannelId channel, Question question, Consumer<@Nullable Page> answer, long until) {
        int partition = Keyspace.partition(channel);
        long now = node.clock().nanos();
        if (!link.up()) {
            downSince = downSince == 0 ? now : downSince;
            unsettledSince[partition] = 0;
            if (question.patient() && now - downSince < PATIENCE.toNanos()) {
                again(channel, question, answer, until);
            } else {
                answer.accept(null);
            }
            return;
        }
        downSince = 0;
        if (question.patient() && !readers[partition].handed().started() && heals(partition)) {
            again(channel, question, answer, until);
            return;
        }
        if (reading >= MOST_READS) {
            waiting.add(() -> attempt(channel, question, answer, until));
            return;
        }
        byte[][] keys = {node.keys().history(channel), node.keys().historyEnd(channel), node.keys().origins(partition)};
        List<byte[]> arguments = new ArrayList<>(16);
        arguments.add(Keyspace.bytes(question.rule().ageMillis()));
        arguments.add(Keyspace.bytes(question.newest()));
        point(arguments, question.after());
        point(arguments, question.current());
        arguments.add(question.unwritten() ? node.identity().idBytes() : new byte[0]);
        arguments.add(Keyspace.bytes(question.had()
                .entrySet()
                .stream()
                .map(one -> one.getKey() + "=" + one.getValue())
                .collect(Collectors.joining(";"))));
        readers[partition].handed().lasts(arguments);
        if (writers[partition].written() > 0) {
            arguments.add(node.identity().idBytes());
            arguments.add(Keyspace.bytes(writers[partition].written()));
        }
        reading++;
        link.run(Script.HISTORY, keys, arguments.toArray(byte[][]::new), (reply, _) -> {
            reading--;
            try {
                read(channel, question, answer, until, reply);
            } finally {
                next();
            }
        });
    }

    /** Goes on with reads that wait. One of them that ends at once is no reason to begin here anew. */
    private void next() {
        if (goingOn) {
            return;
        }
        goingOn = true;
        try {
            while (reading < MOST_READS && !waiting.isEmpty()) {
                waiting.remove().run();
            }
        } finally {
            goingOn = false;
        }
    }

    private void read(ChannelId channel, Question question, Consumer<@Nullable Page> answer, long until,
            @Nullable List<Object> reply) {
        int partition = Keyspace.partition(channel);
        long lacking = reply == null ? Long.MAX_VALUE : (Long) reply.get(4);
        if (lacking == 0 || lacking < lacks[partition]) { // all is there, or more than before
            unsettledSince[partition] = 0;
        }
        lacks[partition] = lacking;
        if (lacking > 0 && question.patient() && heals(partition)) {
            again(channel, question, answer, until);
            return;
        }
        Page page = reply == null ? null : page(partition, reply);
        if (page != null && question.patient() && awaits(question.after(), page) && node.clock().nanos() - until < 0) {
            again(channel, question, answer, until);
        } else {
            answer.accept(page);
        }
    }

    /** Whether Redis seems to have lost what stands at {@code point}, and its origin may be about to write it again. */
    private static boolean awaits(@Nullable HistoryPoint point, Page page) {
        Remade remade = page.remade();
        if (point == null || point.isNothing() || page.found() == Found.YES || remade == null
                || point.millis() < remade.sinceMillis()
                || (page.found() == Found.TOO_OLD && point.millis() > remade.begunMillis())) {
            return false;
        }
        return page.entries()
                .stream()
                .noneMatch(entry -> entry.point().number() == point.number()
                        && entry.point().origin().equals(point.origin()));
    }

    /** Notes that Redis lacks what it should have; whether that is so since a moment only. */
    private boolean heals(int partition) {
        long now = node.clock().nanos();
        if (unsettledSince[partition] == 0) {
            unsettledSince[partition] = now;
        }
        return now - unsettledSince[partition] < PATIENCE.toNanos();
    }

    private void again(ChannelId channel, Question question, Consumer<@Nullable Page> answer, long until) {
        node.scheduler().schedule(() -> attempt(channel, question, answer, until), PAUSE);
    }

    private static void point(List<byte[]> arguments, @Nullable HistoryPoint point) {
        arguments.add(Keyspace.bytes(point == null ? "" : point.millis() + "-" + point.sequence()));
        arguments.add(Keyspace.bytes(point == null ? "" : point.origin()));
        arguments.add(Keyspace.bytes(point == null ? 0 : point.number()));
    }

    /** Null where something else stands in Redis than {@code write.lua} writes. */
    private @Nullable Page page(int partition, List<Object> reply) {
        try {
            List<Entry> entries = new ArrayList<>();
            HandedFrames frames = readers[partition].handed();
            for (Object entry : (List<?>) reply.get(2)) {
                List<?> parts = (List<?>) entry;
                String[] id = text(parts.getFirst()).split("-", 2);
                List<?> fields = (List<?>) parts.get(1);
                HistoryPoint point = new HistoryPoint(Long.parseLong(id[0]), Long.parseLong(id[1]), text(fields.get(1)),
                        Long.parseLong(text(fields.get(3))));
                boolean handed = frames.has(point.origin(), Long.parseLong(text(fields.get(13))), point.millis(),
                        point.sequence() >> PLACE_BITS);
                entries.add(new Entry(point, point.millis(), Long.parseLong(text(fields.get(5))), handed,
                        (byte[]) fields.get(7)));
            }
            long since = (Long) reply.get(7) - node.timing().retention().toMillis() / 2;
            Remade remade = (Long) reply.get(4) > 0 || !readers[partition].handed().started() ? null
                    : new Remade(since, (Long) reply.get(6), (Long) reply.get(5) == 1);
            return new Page(found((Long) reply.getFirst()), (Long) reply.get(1) == 0,
                    Long.parseLong(text(reply.get(3))), entries, remade);
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
