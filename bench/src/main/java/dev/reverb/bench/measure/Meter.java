package dev.reverb.bench.measure;

import com.sun.management.OperatingSystemMXBean;
import dev.reverb.bench.crowd.LoadLoop;
import dev.reverb.bench.target.CoreFigures;
import dev.reverb.bench.target.Target;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Map;

/** Reads the clocks around a measurement: the wall's, the server's, the load's and the cores'. Load thread. */
public final class Meter {
    /** All clocks at one moment, in nanoseconds. */
    public record Reading(long wall, long server, long redis, long load, long spare, long serverCore, long loadCore) {
        public double seconds(Reading until) {
            return (until.wall - wall) / 1e9;
        }

        public double serverMicros(Reading until) {
            return (until.server - server) / 1e3;
        }

        public double redisMicros(Reading until) {
            return (until.redis - redis) / 1e3;
        }
    }

    private final LoadLoop loop;
    private final Target server;
    private final CoreFigures serverCore;
    private final CoreFigures loadCore;
    private final boolean held;
    private final OperatingSystemMXBean own = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    Meter(LoadLoop loop, Target server, Cores cores) {
        this.loop = loop;
        this.server = server;
        serverCore = new CoreFigures(cores.server());
        loadCore = new CoreFigures(cores.load());
        held = cores.held();
    }

    public Reading read() throws IOException {
        return new Reading(System.nanoTime(), server.cpuNanos(), server.redisNanos(), own.getProcessCpuTime(),
                loop.emptyNanos(), held ? serverCore.stolenNanos() : serverCore.busyNanos(),
                held ? loadCore.stolenNanos() : loadCore.busyNanos());
    }

    /** The sample of what was measured between two readings. */
    public Sample sample(Reading from, Reading until, Map<Measure, Double> values) {
        double wall = until.wall - from.wall;
        double load = until.load - from.load;
        double server = until.server - from.server;
        double spare = until.spare - from.spare;
        // on held cores others only fill the gaps; what was taken from these two is what the hypervisor took
        double othersOnServer = share(until.serverCore - from.serverCore - (held ? 0 : server), wall);
        double othersOnLoad = share(until.loadCore - from.loadCore - (held ? 0 : load), wall);
        // what others took of the core was not there to be busy in
        double available = Math.max(load, wall * (1 - othersOnLoad));
        double busy = loop.polling() ? 1 - share(spare, wall) : share(load, available);
        return new Sample(values, busy, othersOnServer, othersOnLoad);
    }

    private static double share(double part, double whole) {
        return Math.clamp(part / whole, 0.0, 1.0);
    }
}
