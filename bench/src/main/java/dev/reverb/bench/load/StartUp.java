package dev.reverb.bench.load;

import dev.reverb.bench.measure.Measure;
import dev.reverb.bench.measure.Meter;
import dev.reverb.bench.measure.Sample;
import dev.reverb.bench.measure.Setting;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/** A server's start: how long until it accepts, and how much memory it holds once it has settled. */
public record StartUp() implements Scenario {
    private static final long SETTLE_NANOS = 1_500_000_000L;

    @Override
    public boolean freshServer() {
        return true;
    }

    @Override
    public Sample run(Setting setting) throws IOException {
        Meter meter = setting.meter();
        Meter.Reading from = meter.read();
        LockSupport.parkNanos(SETTLE_NANOS);
        return meter.sample(from, meter.read(), Map.of(Measure.TIME_TO_ACCEPT, setting.target().acceptedAfter(),
                Measure.MEMORY_AT_START, setting.target().figures().residentBytes() / 1e6));
    }
}
