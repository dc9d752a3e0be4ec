package dev.reverb.bench.load;

import dev.reverb.bench.crowd.Crowd;
import dev.reverb.bench.crowd.LoadFailure;
import dev.reverb.bench.crowd.Stopwatch;
import dev.reverb.bench.measure.Measure;
import dev.reverb.bench.measure.Meter;
import dev.reverb.bench.measure.Sample;
import dev.reverb.bench.measure.Setting;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;

/**
 * A connect storm: connections that upgrade, are greeted and subscribe, in waves. Between waves all are cut off,
 * which is
 * not counted, and the server has let go of them before the next.
 *
 * @param wave connections per wave
 * @param channels channels that they spread over
 * @param atOnce connections under way at a time
 * @param cold whether the first wave of a server that was just started is measured, and no other
 */
public record StormLoad(int wave, int channels, int atOnce, boolean cold) implements Scenario {
    private static final long LET_GO_NANOS = 20_000_000_000L;

    @Override
    public boolean freshServer() {
        return cold;
    }

    @Override
    public Sample run(Setting setting) throws IOException {
        int idleFiles = setting.target().figures().openFiles();
        Meter meter = setting.meter();
        if (cold) {
            Wave first = wave(setting, meter, idleFiles);
            return meter.sample(first.from, first.until,
                    Map.of(Measure.CONNECTIONS, wave / first.from.seconds(first.until), Measure.CPU_PER_CONNECTION,
                            first.from.serverMicros(first.until) / wave));
        }
        long warm = System.nanoTime() + setting.timing().warmUp().toNanos();
        do {
            wave(setting, meter, idleFiles);
        } while (System.nanoTime() - warm < 0);
        double seconds = 0;
        double serverMicros = 0;
        double busy = 0;
        double othersOnServer = 0;
        double othersOnLoad = 0;
        int waves = 0;
        while (seconds < setting.timing().window().toNanos() / 1e9) {
            Wave measured = wave(setting, meter, idleFiles);
            waves++;
            seconds += measured.from.seconds(measured.until);
            serverMicros += measured.from.serverMicros(measured.until);
            Sample sample = meter.sample(measured.from, measured.until, Map.of());
            busy += sample.loadBusy();
            othersOnServer += sample.othersOnServerCore();
            othersOnLoad += sample.othersOnLoadCore();
        }
        Map<Measure, Double> values = new EnumMap<>(Measure.class);
        values.put(Measure.CONNECTIONS, waves * (double) wave / seconds);
        values.put(Measure.CPU_PER_CONNECTION, serverMicros / waves / wave);
        return new Sample(values, busy / waves, othersOnServer / waves, othersOnLoad / waves);
    }

    private record Wave(Meter.Reading from, Meter.Reading until) {}

    private Wave wave(Setting setting, Meter meter, int idleFiles) throws IOException {
        Stopwatch unused = new Stopwatch(1);
        Wave measured;
        try (Crowd crowd = new Crowd(setting.loop(), setting.target().address(), setting.app(), unused,
                (subscriber, count) -> {
                    throw new LoadFailure(subscriber + " received an event that nobody sent");
                })) {
            Meter.Reading from = meter.read();
            crowd.open(wave, channels, atOnce);
            measured = new Wave(from, meter.read());
        }
        awaitLetGo(setting, idleFiles);
        return measured;
    }

    /** Some files more than when idle are no connections: a class or a library that was opened meanwhile. */
    static void awaitLetGo(Setting setting, int idleFiles) throws IOException {
        long deadline = System.nanoTime() + LET_GO_NANOS;
        while (setting.target().figures().openFiles() > idleFiles + 16) {
            java.util.concurrent.locks.LockSupport.parkNanos(2_000_000);
            if (System.nanoTime() - deadline > 0) {
                throw new LoadFailure("the server still holds " + setting.target().figures().openFiles() + " files, "
                        + idleFiles + " before, 20 s after every connection was cut off");
            }
        }
    }
}
