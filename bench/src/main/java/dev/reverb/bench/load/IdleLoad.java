package dev.reverb.bench.load;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * Idle subscribed connections: how much resident memory each adds. The first ones, which also load classes and fill
 * pools, are not counted.
 *
 * @param first connections opened before the first look
 * @param connections connections between the two looks
 * @param channels channels that they spread over
 */
public record IdleLoad(int first, int connections, int channels) implements Scenario {
    private static final int AT_ONCE = 64;
    private static final long SETTLE_NANOS = 1_500_000_000L;

    @Override
    public boolean freshServer() {
        return true;
    }

    @Override
    public Sample run(Setting setting) throws IOException {
        Meter meter = setting.meter();
        try (Crowd crowd = new Crowd(setting.loop(), setting.target().address(), setting.app(), new Stopwatch(1),
                (subscriber, count) -> {
                    throw new LoadFailure(subscriber + " received an event that nobody sent");
                })) {
            crowd.open(first, channels, AT_ONCE);
            LockSupport.parkNanos(SETTLE_NANOS);
            long before = setting.target().figures().residentBytes();
            Meter.Reading from = meter.read();
            crowd.open(connections, channels, AT_ONCE);
            LockSupport.parkNanos(SETTLE_NANOS);
            long after = setting.target().figures().residentBytes();
            return meter.sample(from, meter.read(),
                    Map.of(Measure.MEMORY_PER_CONNECTION, (after - before) / 1024.0 / connections));
        }
    }
}
