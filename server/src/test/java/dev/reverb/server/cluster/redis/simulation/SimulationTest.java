package dev.reverb.server.cluster.redis.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverb.server.cluster.redis.link.Script;
import dev.reverb.server.cluster.redis.simulation.SimulatedNode.Built;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Nodes keep their promises in every story, and a story that breaks one is found when a protection is taken away.
 * {@code -Dsimulation.from=N -Dsimulation.seeds=N} runs other stories, or more.
 */
final class SimulationTest {

    private static final int LENGTH = 60;
    private static final Logger CLUSTER = Logger.getLogger("dev.reverb.server.cluster");

    @BeforeAll
    static void quiet() {
        CLUSTER.setLevel(Level.OFF);
    }

    @Test
    void everyStoryKeepsEveryPromise() {
        long from = Long.getLong("simulation.from", 1);
        long seeds = Long.getLong("simulation.seeds", 1000);
        firstBroken(from, seeds, Script::source, Built.AS_IT_IS).ifPresent(seed -> {
            Lua scripts = new Lua(Script::source);
            Story shortest = Story.of(seed, LENGTH).shortest(shorter -> !Simulation.run(shorter, scripts).isEmpty());
            assertEquals(List.of(), Simulation.run(shortest, scripts), shortest + "\n");
        });
    }

    /** The lowest seed whose story breaks a promise; all processors look at a few at a time, and none far beyond it. */
    static OptionalLong firstBroken(long from, long seeds, Function<Script, String> source, Built built) {
        ThreadLocal<Lua> scripts = ThreadLocal.withInitial(() -> new Lua(source));
        int atOnce = 4 * Runtime.getRuntime().availableProcessors();
        for (long next = from; next < from + seeds; next += atOnce) {
            OptionalLong broken = LongStream.range(next, Math.min(next + atOnce, from + seeds))
                    .parallel()
                    .filter(seed -> !Simulation.run(Story.of(seed, LENGTH), scripts.get(), built).isEmpty())
                    .min();
            if (broken.isPresent()) {
                return broken;
            }
        }
        return OptionalLong.empty();
    }

    @Test
    void aSeedTellsTheSameStoryEachTime() {
        Story story = Story.of(4711, LENGTH);
        assertEquals(story.toString(), Story.of(4711, LENGTH).toString());
        Lua broken = new Lua(script -> without(script, "applied ~= tonumber(before)", "false"));
        for (long seed = 1; seed < 20; seed++) {
            Story one = Story.of(seed, LENGTH);
            assertEquals(Simulation.run(one, broken), Simulation.run(one, broken), "seed " + seed);
        }
    }

    static String without(Script script, String text, String instead) {
        return script.source().replace(text, instead);
    }
}
