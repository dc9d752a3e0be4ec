package dev.reverb.bench.load;

import dev.reverb.bench.crowd.ClientFrame;
import dev.reverb.bench.crowd.Crowd;
import dev.reverb.bench.crowd.LoadFailure;
import dev.reverb.bench.crowd.LoadLoop;
import dev.reverb.bench.crowd.Stopwatch;
import dev.reverb.bench.crowd.Subscriber;
import dev.reverb.bench.measure.Measure;
import dev.reverb.bench.measure.Meter;
import dev.reverb.bench.measure.Sample;
import dev.reverb.bench.measure.Setting;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/**
 * Idle subscribed connections whose clients ping, evenly spread over the interval: what each costs the server per
 * second. Every ping has to be answered.
 *
 * @param connections how many
 * @param channels channels that they spread over
 * @param interval seconds between two pings of a client
 */
public record PingLoad(int connections, int channels, int interval) implements Scenario {
    private static final int AT_ONCE = 64;

    /** Times the usual window: there is little to count in a second. */
    private static final int LONGER = 5;
    private static final long ANSWER_NANOS = 5_000_000_000L;

    @Override
    public Sample run(Setting setting) throws IOException {
        LoadLoop loop = setting.loop();
        Meter meter = setting.meter();
        try (Crowd crowd = new Crowd(loop, setting.target().address(), setting.app(), new Stopwatch(1),
                (subscriber, count) -> {
                    throw new LoadFailure(subscriber + " received an event that nobody sent");
                })) {
            crowd.open(connections, channels, AT_ONCE);
            List<Subscriber> clients = crowd.subscribers();
            ByteBuffer ping = ClientFrame.text("{\"event\":\"pusher:ping\",\"data\":{}}");
            long sent = ping(loop, clients, ping, 0, setting.timing().warmUp().toNanos() * LONGER);
            Meter.Reading from = meter.read();
            sent += ping(loop, clients, ping, sent, setting.timing().window().toNanos() * LONGER);
            Meter.Reading until = meter.read();
            awaitAnswers(loop, clients, sent);
            return meter.sample(from, until, Map.of(Measure.CPU_PER_IDLE_CONNECTION,
                    from.serverMicros(until) / connections / from.seconds(until)));
        }
    }

    private long ping(LoadLoop loop, List<Subscriber> clients, ByteBuffer ping, long before, long nanos)
            throws IOException {
        long gap = interval * 1_000_000_000L / connections;
        long start = System.nanoTime();
        long sent = 0;
        for (long now = start; now - start < nanos; now = System.nanoTime()) {
            while (start + sent * gap - now <= 0) {
                clients.get((int) ((before + sent) % connections)).write(ping.rewind());
                sent++;
            }
            loop.turn(Math.min(start + sent * gap, start + nanos));
        }
        return sent;
    }

    private static void awaitAnswers(LoadLoop loop, List<Subscriber> clients, long sent) throws IOException {
        loop.await(() -> answers(clients) >= sent, ANSWER_NANOS,
                () -> "of " + sent + " pings " + answers(clients) + " were answered");
    }

    private static long answers(List<Subscriber> clients) {
        return clients.stream().mapToLong(Subscriber::others).sum();
    }
}
