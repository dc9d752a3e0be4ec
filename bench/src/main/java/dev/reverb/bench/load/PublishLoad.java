package dev.reverb.bench.load;

import dev.reverb.bench.crowd.Crowd;
import dev.reverb.bench.crowd.LoadFailure;
import dev.reverb.bench.crowd.LoadLoop;
import dev.reverb.bench.crowd.Publisher;
import dev.reverb.bench.crowd.SignedRequests;
import dev.reverb.bench.crowd.Stopwatch;
import dev.reverb.bench.crowd.Subscriber;
import dev.reverb.bench.measure.Measure;
import dev.reverb.bench.measure.Meter;
import dev.reverb.bench.measure.Sample;
import dev.reverb.bench.measure.Setting;
import dev.reverb.bench.target.RedisServer;
import dev.reverb.bench.target.Setup;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Signed publications over HTTP to every channel in turn, and subscribers that count them.
 *
 * @param channels how many channels
 * @param subscribers how many subscribers each channel has
 * @param inFlight how many requests are on their way at a time, each on a kept-alive connection of its own
 * @param perSecond 0: as fast as the replies come; otherwise publications per second, evenly spread
 * @param polling whether the reader never sleeps
 * @param interest which nodes of several have the subscribers
 */
public record PublishLoad(
        int channels,
        int subscribers,
        int inFlight,
        int perSecond,
        boolean polling,
        Interest interest) implements Scenario {
    /** Which nodes have subscribers in every channel. */
    public enum Interest {
        /** The last one. */
        ONE,
        /** All, each as many. */
        ALL
    }

    /** A load whose subscribers are at one node. */
    public PublishLoad(int channels, int subscribers, int inFlight, int perSecond, boolean polling) {
        this(channels, subscribers, inFlight, perSecond, polling, Interest.ONE);
    }

    /** So long Redis is watched at rest, and at work where that is compared: nodes look at it every three seconds. */
    private static final Duration REST = Duration.ofSeconds(6);

    /** How many requests are signed in advance, at least; then they come round again. */
    private static final int POOL = 8192;

    private static final int AT_ONCE = 64;

    @Override
    public Sample run(Setting setting) throws IOException {
        try (Run run = new Run(setting, this)) {
            return run.measure();
        }
    }

    private static final class Run implements Crowd.Receiver, Publisher.Replied, AutoCloseable {
        /** So long without anything arriving, and what is missing is lost. */
        private static final long LOST_NANOS = 5_000_000_000L;
        private static final long SURPLUS_NANOS = 50_000_000L;

        private final Setting setting;
        private final PublishLoad load;
        private final LoadLoop loop;
        private final SignedRequests requests;
        private final Stopwatch stopwatch;
        private final List<Crowd> crowds = new ArrayList<>();
        private final ArrayDeque<Publisher> publishers = new ArrayDeque<>();
        private final ArrayDeque<Publisher> idle = new ArrayDeque<>();
        private final long[] published;
        /** Deliveries of one publication. */
        private final int each;
        private final long furthestBehind;
        private int next;
        private long sent;
        private long replies;
        private long deliveries;
        private boolean sending;

        Run(Setting setting, PublishLoad load) {
            this.setting = setting;
            this.load = load;
            loop = setting.loop();
            requests = SignedRequests.sign(setting.app(), load.channels, POOL, System.currentTimeMillis() / 1000);
            stopwatch = new Stopwatch(requests.count());
            for (InetSocketAddress node : load.interest == Interest.ALL ? setting.target().addresses()
                    : List.of(setting.target().address())) {
                crowds.add(new Crowd(loop, node, setting.app(), stopwatch, this)
                        .resumingIf(setting.target().setup() == Setup.HISTORY));
            }
            published = new long[load.channels];
            each = load.subscribers * crowds.size();
            // a server may reply before it delivers, but must not win by letting deliveries pile up
            furthestBehind = 4L * load.inFlight * each;
        }

        Sample measure() throws IOException {
            loop.polling(false);
            for (Crowd crowd : crowds) {
                if (load.perSecond > 0) {
                    crowd.allTimed();
                }
                crowd.open(load.channels * load.subscribers, load.channels, AT_ONCE);
            }
            for (int i = 0; i < load.inFlight; i++) {
                Publisher publisher = new Publisher(loop, setting.target().entry(), this);
                publishers.add(publisher);
                idle.add(publisher);
            }
            loop.polling(load.polling);
            sending = true;
            Meter meter = setting.meter();
            drive(setting.timing().warmUp().toNanos());
            if (!setting.target().setup().compared()) {
                return grown(meter);
            }
            Meter.Reading from = meter.read();
            long deliveriesBefore = deliveries;
            long repliesBefore = replies;
            stopwatch.recording(true);
            drive(setting.timing().window().toNanos());
            Meter.Reading until = meter.read();
            long counted = deliveries - deliveriesBefore;
            long answered = replies - repliesBefore;
            // when calm, the last ones of the window have still to come; when not, they would be too slow by the drain
            if (load.perSecond == 0) {
                stopwatch.recording(false);
            }
            drain();
            verify();
            Map<Measure, Double> values = new EnumMap<>(Measure.class);
            values.put(Measure.DELIVERIES, counted / from.seconds(until));
            values.put(Measure.PUBLICATIONS, answered / from.seconds(until));
            values.put(Measure.CPU_PER_DELIVERY, from.serverMicros(until) / counted);
            values.put(Measure.CPU_PER_PUBLICATION, from.serverMicros(until) / answered);
            values.put(Measure.REDIS_PER_PUBLICATION, from.redisMicros(until) / answered);
            values.put(Measure.MEDIAN_LATENCY, stopwatch.latencies().quantile(0.5) / 1e6);
            values.put(Measure.P99_LATENCY, stopwatch.latencies().quantile(0.99) / 1e6);
            return meter.sample(from, until, values);
        }

        /** What a publication is for Redis and for the nodes, beside what they do at rest. */
        private Sample grown(Meter meter) throws IOException {
            RedisServer redis = setting.target().redis().orElseThrow();
            drain();
            RedisServer.Figures before = redis.figures();
            long end = System.nanoTime() + REST.toNanos();
            while (System.nanoTime() - end < 0) {
                loop.turn(end);
            }
            RedisServer.Figures atRest = redis.figures();
            sending = true;
            double frames = setting.target().framesReceived();
            long sentBefore = sent;
            Meter.Reading from = meter.read();
            RedisServer.Figures begun = redis.figures();
            drive(REST.toNanos());
            RedisServer.Figures ended = redis.figures();
            Meter.Reading until = meter.read();
            drain();
            verify();
            double count = sent - sentBefore;
            Map<Measure, Double> values = new EnumMap<>(Measure.class);
            values.put(Measure.FRAMES_PER_PUBLICATION, (setting.target().framesReceived() - frames) / count);
            values.put(Measure.BYTES_PER_PUBLICATION,
                    ((ended.bytes() - begun.bytes()) - (atRest.bytes() - before.bytes())) / count);
            double rest = atRest.cpuMicros() - before.cpuMicros();
            values.put(Measure.REDIS_ABOVE_REST, (ended.cpuMicros() - begun.cpuMicros() - rest) / count);
            values.put(Measure.REDIS_AT_REST, rest / REST.toSeconds());
            values.put(Measure.CPU_PER_PUBLICATION, from.serverMicros(until) / count);
            return meter.sample(from, until, values);
        }

        private void drive(long nanos) throws IOException {
            long start = System.nanoTime();
            long end = start + nanos;
            long begun = sent;
            for (long now = start; now - end < 0; now = System.nanoTime()) {
                long wake = end;
                if (load.perSecond > 0) {
                    long due = start + (sent - begun) * 1_000_000_000L / load.perSecond;
                    if (now - due >= 0 && !idle.isEmpty()) {
                        send(idle.poll());
                        continue;
                    }
                    wake = Math.min(due, end);
                } else {
                    while (!idle.isEmpty() && !behind()) {
                        send(idle.poll());
                    }
                }
                loop.turn(wake);
            }
        }

        private boolean behind() {
            return sent * each - deliveries >= furthestBehind;
        }

        private void send(Publisher publisher) throws IOException {
            int id = next;
            next = id + 1 == requests.count() ? 0 : id + 1;
            stopwatch.sent(id);
            sent++;
            published[requests.channel(id)]++;
            publisher.send(requests, id);
        }

        @Override
        public void replied(Publisher publisher) throws IOException {
            replies++;
            if (sending && load.perSecond == 0 && !behind()) {
                send(publisher);
            } else {
                idle.add(publisher);
            }
        }

        @Override
        public void delivered(Subscriber subscriber, int count) {
            deliveries += count;
        }

        private void drain() throws IOException {
            sending = false;
            long arrived = -1;
            long deadline = 0;
            while (replies < sent || deliveries < sent * each) {
                if (arrived != replies + deliveries) {
                    arrived = replies + deliveries;
                    deadline = System.nanoTime() + LOST_NANOS;
                }
                loop.turn(deadline);
                if (System.nanoTime() - deadline > 0 && arrived == replies + deliveries) {
                    throw new LoadFailure("of " + sent + " publications " + replies + " were answered and " + deliveries
                            + " of " + sent * each + " deliveries arrived");
                }
            }
            long quiet = System.nanoTime() + SURPLUS_NANOS;
            while (System.nanoTime() - quiet < 0) {
                loop.turn(quiet);
            }
        }

        private void verify() throws LoadFailure {
            for (Crowd crowd : crowds) {
                for (Subscriber subscriber : crowd.subscribers()) {
                    long expected = published[subscriber.channel()];
                    if (subscriber.deliveries() != expected) {
                        throw new LoadFailure(subscriber + " received " + subscriber.deliveries() + " of " + expected);
                    }
                }
            }
        }

        @Override
        public void close() throws IOException {
            for (Publisher publisher : publishers) {
                publisher.cut();
            }
            for (Crowd crowd : crowds) {
                crowd.close();
            }
            loop.polling(false);
        }
    }
}
