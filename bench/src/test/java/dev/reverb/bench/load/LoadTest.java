package dev.reverb.bench.load;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.bench.crowd.LoadFailure;
import dev.reverb.bench.crowd.LoadLoop;
import dev.reverb.bench.floor.FloorServer;
import dev.reverb.bench.floor.LossyFloor;
import dev.reverb.bench.measure.Cores;
import dev.reverb.bench.measure.Measure;
import dev.reverb.bench.measure.Sample;
import dev.reverb.bench.measure.Setting;
import dev.reverb.bench.measure.Timing;
import dev.reverb.bench.target.Setup;
import dev.reverb.bench.target.Target;
import dev.reverb.testkit.Credentials;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The loads against real floor processes. Nothing here depends on how fast anything is. */
class LoadTest {
    private static final Credentials APP = new Credentials("bench", "key", "secret");
    private static final Timing TIMING = new Timing(Duration.ofMillis(100), Duration.ofMillis(400));

    @TempDir
    Path folder;

    @Test
    void publicationsReachEverySubscriber() throws IOException {
        for (boolean merging : new boolean[]{false, true}) {
            try (Target floor = floor(FloorServer.class, merging ? "merging" : "plain")) {
                Sample sample = run(floor, new PublishLoad(7, 13, 5, 0, merging));
                assertTrue(value(sample, Measure.DELIVERIES) > 0 && value(sample, Measure.PUBLICATIONS) > 0);
                assertTrue(value(sample, Measure.P99_LATENCY) > 0);
                assertTrue(sample.loadBusy() > 0 && sample.loadBusy() <= 1);
            }
        }
    }

    @Test
    void aCalmLoadKeepsItsRate() throws IOException {
        try (Target floor = floor(FloorServer.class, "plain")) {
            Sample sample = run(floor, new PublishLoad(1, 20, 4, 20, false));
            assertTrue(value(sample, Measure.PUBLICATIONS) < 40, sample.toString());
            assertTrue(value(sample, Measure.MEDIAN_LATENCY) <= value(sample, Measure.P99_LATENCY));
        }
    }

    @Test
    void clientEventsReachEveryOtherMember() throws IOException {
        try (Target floor = floor(FloorServer.class, "plain")) {
            assertTrue(value(run(floor, new ClientEventLoad(12, 5, 4, false)), Measure.DELIVERIES) > 0);
        }
    }

    @Test
    void aStormOpensEveryConnectionAndTheServerLetsGoOfThem() throws IOException {
        try (Target floor = floor(FloorServer.class, "plain")) {
            int files = floor.figures().openFiles();
            assertTrue(value(run(floor, new StormLoad(300, 10, 64, false)), Measure.CONNECTIONS) > 0);
            assertTrue(floor.figures().openFiles() < files + 30);
            assertTrue(value(run(floor, new StormLoad(300, 10, 64, true)), Measure.CPU_PER_CONNECTION) > 0);
        }
    }

    @Test
    void idleConnectionsAndTheStartAreMeasured() throws IOException {
        try (Target floor = floor(FloorServer.class, "plain")) {
            assertTrue(run(floor, new IdleLoad(50, 500, 10, true)).values().containsKey(Measure.MEMORY_PER_CONNECTION));
            assertTrue(value(run(floor, new PingLoad(50, 10, 1)), Measure.CPU_PER_IDLE_CONNECTION) >= 0);
            Sample start = run(floor, new StartUp());
            assertTrue(value(start, Measure.MEMORY_AT_START) > 10, start.toString());
            assertTrue(value(start, Measure.TIME_TO_ACCEPT) > 0, start.toString());
        }
    }

    @Test
    void aSurplusDeliveryEndsTheMeasurement() throws IOException {
        try (Target floor = floor(LossyFloor.class, "doubles")) {
            LoadFailure failure = assertThrows(LoadFailure.class,
                    () -> run(floor, new PublishLoad(1, 10, 4, 0, false)));
            assertTrue(String.valueOf(failure.getMessage()).contains("received"), failure.getMessage());
        }
    }

    @Test
    void aLostDeliveryEndsTheMeasurement() throws IOException {
        try (Target floor = floor(LossyFloor.class)) {
            LoadFailure failure = assertThrows(LoadFailure.class,
                    () -> run(floor, new PublishLoad(1, 10, 4, 0, false)));
            assertTrue(String.valueOf(failure.getMessage()).contains("deliveries arrived"), failure.getMessage());
        }
    }

    @Test
    void aServerThatEndsIsReportedWithItsLastWords() {
        IOException failure = assertThrows(IOException.class, () -> floor(FloorServer.class, "no port"));
        assertTrue(String.valueOf(failure.getMessage()).contains("ended with status"), failure.getMessage());
    }

    private static Sample run(Target target, Scenario scenario) throws IOException {
        try (LoadLoop loop = new LoadLoop()) {
            return scenario.run(new Setting(loop, target, APP, new Cores(0, 0, false), TIMING));
        }
    }

    private static double value(Sample sample, Measure measure) {
        Double value = sample.values().get(measure);
        assertTrue(value != null, measure + " is missing from " + sample);
        return value == null ? Double.NaN : value;
    }

    private Target floor(Class<?> main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx128m",
                "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"), main.getName()));
        if (arguments.length > 0 && arguments[0].equals("no port")) {
            command.add("no port");
        } else {
            command.add("{port}");
            command.addAll(List.of(arguments));
        }
        return Target.start(
                new Target.Recipe("floor", command, Map.of(), folder.resolve("floor.log"), 0, false, Setup.PLAIN));
    }
}
