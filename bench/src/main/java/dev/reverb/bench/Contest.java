package dev.reverb.bench;

import dev.reverb.bench.crowd.LoadLoop;
import dev.reverb.bench.measure.Sample;
import dev.reverb.bench.measure.Setting;
import dev.reverb.bench.measure.Timing;
import dev.reverb.bench.target.CoreFigures;
import dev.reverb.bench.target.RealTime;
import dev.reverb.bench.target.Setup;
import dev.reverb.bench.target.Target;
import dev.reverb.testkit.Credentials;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Sets servers against each other: in every round each is measured once, in turn, because the machine's speed drifts
 * more
 * than the servers differ. A server lives through all rounds of a row, except where a row needs it fresh. One thread.
 */
final class Contest {
    /** Rounds that others disturbed are taken again, at most this many times the rounds asked for. */
    private static final int PATIENCE = 2;

    /** A round that does not count: both sides' hot paths are compiled in it, on the core that also serves. */
    private static final Timing WARM_UP = new Timing(Duration.ofSeconds(3), Duration.ofSeconds(2));

    /** A warm-up round that beats the best one before by less is no nearer to the full speed. */
    private static final double FASTER = 1.03;

    /** Warm-up rounds at most. */
    private static final int WARM_UPS = 12;

    private final Options options;
    private final Credentials app;
    private final List<Target.Recipe> recipes;
    private final Consumer<String> progress;

    /**
     * @param recipes the servers, in the order in which each round measures them
     * @param progress takes what is going on, one line at a time
     */
    Contest(Options options, Credentials app, List<Target.Recipe> recipes, Consumer<String> progress) {
        this.options = options;
        this.app = app;
        this.recipes = List.copyOf(recipes);
        this.progress = progress;
    }

    /** Who is measured: in a row with a setup of its own the server, plain and in that setup, and peers in it. */
    private List<Target.Recipe> recipes(Row row) {
        if (row.setup() == Setup.PLAIN) {
            return recipes;
        }
        return recipes.stream()
                .filter(recipe -> !recipe.name().equals(Outcome.FLOOR))
                .flatMap(recipe -> recipe.name().equals(Outcome.SERVER) && row.setup().compared()
                        ? Stream.of(recipe.named(Outcome.FLOOR), recipe.in(row.setup()))
                        : Stream.of(recipe.in(row.setup())))
                .toList();
    }

    /** Measures a row. */
    Outcome run(Row row) throws IOException {
        List<Map<String, Sample>> quiet = new ArrayList<>();
        List<Map<String, Sample>> disturbed = new ArrayList<>();
        List<Target> running = new ArrayList<>();
        try (LoadLoop loop = new LoadLoop()) {
            if (!row.scenario().freshServer()) {
                for (Target.Recipe recipe : recipes(row)) {
                    running.add(Target.start(profiled(recipe, row)));
                }
                warmUp(row, running, loop);
            }
            for (int round = 0; round < options.rounds() * PATIENCE && quiet.size() < options.rounds(); round++) {
                Map<String, Sample> samples = round(row, running, loop, timing(row));
                progress.accept("  " + row.id() + ", round " + (round + 1) + ": " + summary(row, samples));
                (Outcome.disturbed(samples) ? disturbed : quiet).add(samples);
            }
        } finally {
            running.forEach(Target::close);
        }
        // too few undisturbed rounds: better all of them than the few that chance left alone
        if (quiet.size() < options.rounds()) {
            quiet.addAll(disturbed);
        }
        return new Outcome(row, quiet);
    }

    /** Rounds that do not count, until two in a row have brought none of the servers nearer to its full speed. */
    private void warmUp(Row row, List<Target> running, LoadLoop loop) throws IOException {
        Row.Figure figure = row.figures().getFirst();
        boolean rate = figure.goal() instanceof Goal.AtLeastTimesFloor
                || figure.goal() instanceof Goal.AtLeastTimesPeer;
        Map<String, Double> best = new HashMap<>();
        int steady = 0;
        for (int i = 1; i <= WARM_UPS && steady < 2; i++) {
            Map<String, Sample> samples = round(row, running, loop, WARM_UP);
            progress.accept("  " + row.id() + ", warm-up " + i + ": " + summary(row, samples));
            if (!rate || options.quick()) {
                return;
            }
            boolean faster = false;
            for (Map.Entry<String, Sample> sample : samples.entrySet()) {
                double value = sample.getValue().values().getOrDefault(figure.measure(), 0.0);
                faster |= value > best.getOrDefault(sample.getKey(), 0.0) * FASTER;
                best.merge(sample.getKey(), value, Math::max);
            }
            steady = faster ? 0 : steady + 1;
        }
    }

    private Map<String, Sample> round(Row row, List<Target> running, LoadLoop loop, Timing timing) throws IOException {
        Map<String, Sample> samples = new LinkedHashMap<>();
        if (row.scenario().freshServer()) {
            for (Target.Recipe recipe : recipes(row)) {
                try (Target target = Target.start(profiled(recipe, row))) {
                    samples.put(target.name(), measure(row, target, loop, timing));
                }
            }
        } else {
            for (Target target : running) {
                samples.put(target.name(), measure(row, target, loop, timing));
            }
        }
        return samples;
    }

    /** Others that take more than this of a core keep a measurement waiting, as long as the options allow. */
    private static final double NOISE = 0.08;

    private void awaitQuiet() throws IOException {
        CoreFigures server = new CoreFigures(options.cores().server());
        CoreFigures load = new CoreFigures(options.cores().load());
        long end = System.nanoTime() + options.waitForQuiet() * 1_000_000_000L;
        while (System.nanoTime() - end < 0) {
            long begin = System.nanoTime();
            long busyServer = server.busyNanos();
            long busyLoad = load.busyNanos();
            LockSupport.parkNanos(500_000_000);
            double wall = System.nanoTime() - begin;
            if (server.busyNanos() - busyServer < NOISE * wall && load.busyNanos() - busyLoad < NOISE * wall) {
                return;
            }
        }
    }

    private Sample measure(Row row, Target target, LoadLoop loop, Timing timing) throws IOException {
        awaitQuiet();
        try (RealTime _ = options.cores().held()
                ? RealTime.of(LongStream.concat(LongStream.of(ProcessHandle.current().pid()), target.pids()).toArray())
                : RealTime.of()) {
            return row.scenario().run(new Setting(loop, target, app, options.cores(), timing));
        } catch (IOException | IllegalStateException e) {
            throw new IOException(row.id() + ", " + target.name() + ": " + e.getMessage(), e);
        }
    }

    private Timing timing(Row row) {
        if (options.quick() || options.cores().held()) {
            return new Timing(Duration.ofMillis(400), Duration.ofSeconds(1));
        }
        boolean calm = row.id().equals("calm");
        return new Timing(Duration.ofSeconds(1), Duration.ofSeconds(calm ? 6 : 3));
    }

    private Target.Recipe profiled(Target.Recipe recipe, Row row) {
        if (!options.profile() || !recipe.name().equals(Outcome.SERVER)) {
            return recipe;
        }
        return recipe.with(Map.of("JDK_JAVA_OPTIONS",
                "-XX:StartFlightRecording=settings=profile,jdk.CPUTimeSample#enabled=true,"
                        + "jdk.CPUTimeSample#throttle=2ms,filename=" + options.folder().resolve(row.id() + ".jfr")
                        + " -XX:+UnlockDiagnosticVMOptions -XX:+DebugNonSafepoints"));
    }

    private static String summary(Row row, Map<String, Sample> samples) {
        Row.Figure figure = row.figures().getFirst();
        StringBuilder text = new StringBuilder();
        samples.forEach((name, sample) -> {
            double value = sample.values().getOrDefault(figure.measure(), Double.NaN);
            text.append(text.isEmpty() ? "" : ", ")
                    .append(name)
                    .append(' ')
                    .append(figure.measure().text(value))
                    .append(' ')
                    .append(figure.measure().unit())
                    .append(" (load ")
                    .append(Math.round(sample.loadBusy() * 100))
                    .append(" %, others ")
                    .append(Math.round(sample.othersOnServerCore() * 100))
                    .append("/")
                    .append(Math.round(sample.othersOnLoadCore() * 100))
                    .append(" %)");
        });
        return text.toString();
    }
}
