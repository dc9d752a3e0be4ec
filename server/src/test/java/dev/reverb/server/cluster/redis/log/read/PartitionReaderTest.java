package dev.reverb.server.cluster.redis.log.read;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.cluster.RecordingEvents;
import dev.reverb.server.cluster.message.ChannelId;
import dev.reverb.server.cluster.message.Publication;
import dev.reverb.server.cluster.redis.base.ClusterNode;
import dev.reverb.server.cluster.redis.base.ClusterNode.WebhookPort;
import dev.reverb.server.cluster.redis.base.ManualNode;
import dev.reverb.server.cluster.redis.base.ManualScheduler;
import dev.reverb.server.cluster.redis.base.RedisClock;
import dev.reverb.server.cluster.redis.flow.ConsumerLag;
import dev.reverb.server.cluster.redis.frame.Ack;
import dev.reverb.server.cluster.redis.frame.Frame;
import dev.reverb.server.cluster.redis.frame.FrameComposer;
import dev.reverb.server.cluster.redis.frame.FrameWriter;
import dev.reverb.server.cluster.redis.frame.Operation;
import dev.reverb.server.cluster.redis.link.Script;
import dev.reverb.server.cluster.redis.link.ScriptedLink;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

/** One partition's reader without threads and without Redis. */
class PartitionReaderTest {

    private static final ChannelId CHANNEL = new ChannelId("app", "news");

    private final ManualScheduler time = new ManualScheduler();
    private final ScriptedLink link = new ScriptedLink();
    private final ClusterNode node = ManualNode.of(time);
    private final RecordingEvents events = new RecordingEvents();
    private final ConsumerLag lag = new ConsumerLag(() -> 0, node.limits(), time);
    private final EntryDispatcher dispatcher = new EntryDispatcher(node, events, control -> {}, lag,
            (partition, lags) -> {});
    private final PartitionReader reader = new PartitionReader(3, node, link, new RedisClock(time), lag, dispatcher);

    /** What follows the position in a message: one publication of an origin. */
    private static byte[] frame(String origin, long number, String message) {
        ArrayDeque<Operation> pending = new ArrayDeque<>();
        pending.add(new Operation.Publish(Publication.of(CHANNEL, message.getBytes(UTF_8)), 1, Ack.NONE));
        FrameComposer composer = new FrameComposer(new WebhookPort(), _ -> 0);
        Frame frame = Objects.requireNonNull(composer.compose(origin + ".1", number, List.of(), pending));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(FrameWriter.header(origin.getBytes(UTF_8), number, false));
        bytes.writeBytes(frame.operations.get(1));
        return bytes.toByteArray();
    }

    private void message(String position, byte[] frame) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes((position + " ").getBytes(UTF_8));
        bytes.writeBytes(frame);
        reader.onMessage(bytes.toByteArray());
    }

    /** Answers a read with no entries and the log's end. */
    private static void answer(ScriptedLink.Call read, String end, Object... origins) {
        assertEquals(Script.READ, read.script());
        Object state = Arrays.asList(List.of(), new byte[0], 0L, null, null);
        int channels = read.arguments() - 6;
        List<Object> states = new ArrayList<>();
        for (int i = 0; i < channels; i++) {
            states.add(state);
        }
        read.reply(1L, end.getBytes(UTF_8), new byte[0], 0L, List.of(), List.of(origins), states);
    }

    private void attach() {
        reader.attach(CHANNEL, 1, false);
        reader.onSubscribed();
        answer(link.take(), "5-10");
        assertEquals(1, events.attached(CHANNEL).size());
    }

    @Test
    void messagesThatFollowOneAnotherAreHandedOnAndAGapIsRead() {
        attach();
        message("6-11", frame("a", 1, "one"));
        message("6-12", frame("a", 2, "two"));
        assertTrue(link.idle());
        message("7-14", frame("a", 4, "four"));
        assertEquals(List.of("one", "two"), events.messages(CHANNEL));
        assertEquals("6-12", link.take().argument(2));
    }

    @Test
    void theAnswerToAReadOfAnEarlierTimeInThePartitionIsNotTakenForThisOne() {
        reader.attach(CHANNEL, 1, false);
        reader.onSubscribed();
        ScriptedLink.Call old = link.take();
        reader.detach(CHANNEL);
        time.advance(node.timing().beat());
        assertEquals(Script.SWEEP, link.take().script(), "it says that it reads no more");
        reader.attach(CHANNEL, 2, false);
        reader.onSubscribed();
        answer(old, "5-10");
        assertEquals(List.of(), events.attached(CHANNEL));
        ScriptedLink.Call read = link.take();
        assertEquals("", read.argument(2), "it asks where the log ends now");
        answer(read, "5-20", "a".getBytes(UTF_8), "9:5".getBytes(UTF_8));
        assertEquals(1, events.attached(CHANNEL).size());
        message("6-21", frame("a", 9, "a double"));
        message("6-22", frame("a", 10, "ten"));
        assertEquals(List.of("ten"), events.messages(CHANNEL));
    }

    @Test
    void anotherFrameAtAPositionThatWasReadAlreadyIsAGap() {
        attach();
        message("6-11", frame("a", 1, "lost by Redis"));
        message("6-11", frame("a", 1, "lost by Redis"));
        assertTrue(link.idle(), "a double is none");
        message("6-11", frame("b", 1, "in its place"));
        assertFalse(link.idle());
        assertEquals("6-11", link.take().argument(2));
    }

    @Test
    void framesOfALaterVersionAreSkippedWithOneWarningAMinuteOverAllPartitions() {
        attach();
        PartitionReader other = new PartitionReader(4, node, link, new RedisClock(time), lag, dispatcher);
        other.attach(CHANNEL, 1, false);
        other.onSubscribed();
        answer(link.take(), "5-10");
        List<String> warnings = new ArrayList<>();
        Handler handler = handler(warnings);
        Logger logger = Logger.getLogger(EntryDispatcher.class.getName());
        logger.addHandler(handler);
        try {
            for (int i = 1; i <= 50; i++) {
                message("6-" + (10 + i), "\u0002later".getBytes(UTF_8));
                other.onMessage(("6-" + (10 + i) + " \u0002later").getBytes(UTF_8));
            }
            assertEquals(1, warnings.size(), warnings + "");
            time.advance(Duration.ofSeconds(61));
            message("7-61", "\u0002later".getBytes(UTF_8));
            assertEquals(2, warnings.size(), warnings + "");
        } finally {
            logger.removeHandler(handler);
        }
        assertEquals(101, node.counters().skipped().sum());
        message("8-62", frame("a", 1, "known"));
        assertEquals(List.of("known"), events.messages(CHANNEL));
    }

    @Test
    void whatIsNoFrameIsSkippedWithOneWarningAMinute() {
        attach();
        List<String> warnings = new ArrayList<>();
        Handler handler = handler(warnings);
        Logger logger = Logger.getLogger(FrameIntake.class.getName());
        logger.addHandler(handler);
        try {
            for (int i = 1; i <= 50; i++) {
                message("6-" + (10 + i), "\u0001\u007f".getBytes(ISO_8859_1));
            }
            reader.onMessage("no position".getBytes(UTF_8));
            reader.onMessage(new byte[0]);
            assertEquals(1, warnings.size(), warnings + "");
            time.advance(Duration.ofSeconds(61));
            reader.onMessage("12".getBytes(UTF_8));
            assertEquals(2, warnings.size(), warnings + "");
        } finally {
            logger.removeHandler(handler);
        }
        assertEquals(53, node.counters().skipped().sum());
    }

    @Test
    void originsThatNoLogKeepsAnyMoreAreForgotten() {
        FrameIntake intake = new FrameIntake(3, node, dispatcher);
        Interests none = new Interests();
        for (int i = 0; i < 100; i++) {
            intake.hand(Position.START, frame("node" + i, 1, "x"), 0, false, false, none);
        }
        time.advance(node.timing().retention().multipliedBy(3));
        intake.hand(Position.START, frame("node0", 2, "x"), 0, false, false, none);
        intake.forgetOld();
        assertEquals(100, intake.origins());
        time.advance(node.timing().retention().multipliedBy(2));
        intake.forgetOld();
        assertEquals(1, intake.origins());
        long doubles = node.counters().duplicates().sum();
        intake.hand(Position.START, frame("node1", 1, "x"), 0, true, true, none);
        assertEquals(doubles + 1, node.counters().duplicates().sum(), "older than the log keeps: a double");
    }

    private static Handler handler(List<String> into) {
        return new Handler() {
            @Override
            public void publish(LogRecord entry) {
                into.add(entry.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
    }
}
