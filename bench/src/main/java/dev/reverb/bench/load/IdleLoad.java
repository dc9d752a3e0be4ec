package dev.reverb.bench.load;

import dev.reverb.bench.crowd.Crowd;
import dev.reverb.bench.crowd.LoadFailure;
import dev.reverb.bench.crowd.Stopwatch;
import dev.reverb.bench.measure.Measure;
import dev.reverb.bench.measure.Meter;
import dev.reverb.bench.measure.Sample;
import dev.reverb.bench.measure.Setting;
import dev.reverb.bench.target.KernelMemory;
import dev.reverb.bench.target.ProcessFigures;
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
 * @param collected whether garbage is collected before each look, which shows what the connections themselves hold;
 *     only
 *     of a JVM, otherwise nothing is measured
 */
public record IdleLoad(int first, int connections, int channels, boolean collected) implements Scenario {
    private static final int AT_ONCE = 64;
    private static final long SETTLE_NANOS = 4_000_000_000L;

    @Override
    public boolean freshServer() {
        return true;
    }

    @Override
    public Sample run(Setting setting) throws IOException {
        Meter meter = setting.meter();
        ProcessFigures server = setting.target().figures();
        try (Crowd crowd = new Crowd(setting.loop(), setting.target().address(), setting.app(), new Stopwatch(1),
                (subscriber, count) -> {
                    throw new LoadFailure(subscriber + " received an event that nobody sent");
                })) {
            crowd.open(first, channels, AT_ONCE);
            boolean comparable = settle(server);
            long before = server.residentBytes();
            long kernelBefore = KernelMemory.slabBytes();
            Meter.Reading from = meter.read();
            crowd.open(connections, channels, AT_ONCE);
            Meter.Reading until = meter.read();
            settle(server);
            double growth = (server.residentBytes() - before) / 1024.0 / connections;
            double kernel = (KernelMemory.slabBytes() - kernelBefore) / 1024.0 / connections / 2;
            return meter.sample(from, until,
                    comparable ? Map.of(Measure.MEMORY_PER_CONNECTION, growth, Measure.KERNEL_MEMORY, kernel)
                            : Map.of());
        }
    }

    private boolean settle(ProcessFigures server) throws IOException {
        LockSupport.parkNanos(SETTLE_NANOS);
        return !collected || server.collectGarbage();
    }
}
