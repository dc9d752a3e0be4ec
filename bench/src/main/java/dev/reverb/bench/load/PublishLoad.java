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
import dev.reverb.bench.target.Setup;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.Map;

/**
 * Signed publications over HTTP to every channel in turn, and subscribers that count them.
 *
 * @param channels how many channels
 * @param subscribers how many subscribers each channel has
 * @param inFlight how many requests are on their way at a time, each on a kept-alive connection of its own
 * @param perSecond 0: as fast as the replies come; otherwise publications per second, evenly spread
 * @param polling whether the reader never sleeps
 */
public record PublishLoad(int channels, int subscribers, int inFlight, int perSecond, boolean polling)
        implements Scenario {
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
        private final Crowd crowd;
        private final ArrayDeque<Publisher> publishers = new ArrayDeque<>();
        private final ArrayDeque<Publisher> idle = new ArrayDeque<>();
        private final long[] published;
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
            crowd = new Crowd(loop, setting.target().address(), setting.app(), stopwatch, this)
                    .resumingIf(setting.target().setup() == Setup.HISTORY);
            published = new long[load.channels];
            // a server may reply before it delivers, but must not win by letting deliveries pile up
            furthestBehind = 4L * load.inFlight * load.subscribers;
        }

        Sample measure() throws IOException {
            if (load.perSecond > 0) {
                crowd.allTimed();
            }
            loop.polling(false);
            crowd.open(load.channels * load.subscribers, load.channels, AT_ONCE);
            for (int i = 0; i < load.inFlight; i++) {
                Publisher publisher = new Publisher(loop, setting.target().entry(), this);
                publishers.add(publisher);
                idle.add(publisher);
            }
            loop.polling(load.polling);
            sending = true;
            Meter meter = setting.meter();
            drive(setting.timing().warmUp().toNanos());
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
            return sent * load.subscribers - deliveries >= furthestBehind;
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
            while (replies < sent || deliveries < sent * load.subscribers) {
                if (arrived != replies + deliveries) {
                    arrived = replies + deliveries;
                    deadline = System.nanoTime() + LOST_NANOS;
                }
                loop.turn(deadline);
                if (System.nanoTime() - deadline > 0 && arrived == replies + deliveries) {
                    throw new LoadFailure("of " + sent + " publications " + replies + " were answered and " + deliveries
                            + " of " + sent * load.subscribers + " deliveries arrived");
                }
            }
            long quiet = System.nanoTime() + SURPLUS_NANOS;
            while (System.nanoTime() - quiet < 0) {
                loop.turn(quiet);
            }
        }

        private void verify() throws LoadFailure {
            for (Subscriber subscriber : crowd.subscribers()) {
                long expected = published[subscriber.channel()];
                if (subscriber.deliveries() != expected) {
                    throw new LoadFailure(subscriber + " received " + subscriber.deliveries() + " of " + expected);
                }
            }
        }

        @Override
        public void close() throws IOException {
            for (Publisher publisher : publishers) {
                publisher.cut();
            }
            crowd.close();
            loop.polling(false);
        }
    }
}
