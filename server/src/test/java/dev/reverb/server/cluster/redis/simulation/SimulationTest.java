package dev.reverb.server.cluster.redis.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

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
        long seeds = Long.getLong("simulation.seeds", 400);
        firstBroken(from, seeds, Script::source, Built.AS_IT_IS).ifPresent(seed -> {
            Lua scripts = new Lua(Script::source);
            Story shortest = Story.of(seed, LENGTH).shortest(shorter -> !Simulation.run(shorter, scripts).isEmpty());
            assertEquals(List.of(), Simulation.run(shortest, scripts), shortest + "\n");
        });
    }

    /** The lowest seed whose story breaks a promise; all processors look at a few at a time, and none far beyond it. */
    private static OptionalLong firstBroken(long from, long seeds, Function<Script, String> source, Built built) {
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

    @ParameterizedTest(name = "{0}")
    @CsvSource(quoteCharacter = '"', delimiter = '|', textBlock = """
        missed: a hole after a fail-over is accepted          | applied ~= tonumber(before)     | false
        quota: a node that was reaped counts connections (B3) | if reaped then                  | if false then
        twice: a frame has its events twice                   | emit(ARGV[i + 1]) | \
        emit(ARGV[i + 1]) emit(ARGV[i + 1])
        order: a frame has its events in another order        | emit(ARGV[i + 1]) | \
        n = n + 1 table.insert(out, 1, ARGV[i + 1])
        members: those of a dead node are not announced gone  | leave(of, member(field))        | local _ = of
        admitted: who is refused is a member all the same     | refused[#refused + 1] = asked | \
        refused[#refused + 1] = asked join(owner, ARGV[i + 1], ARGV[i + 2], ARGV[i + 3])
        counts: a change is added, not set                    | subscriptions - old)            | subscriptions)
        slots: a script meets what has moved half-way         | if sharded and not touched[key] | \
        if touched[key] == 0
        short: a hole is accepted by the short way            | '^%d+')) ~= before then         | '^%d+')) == -1 then
        gated: a log that was full stays full                 | if head[6] and publishes then | \
        if publishes and seq > 3 then return {-3} end if false then
        """)
    void aMistakeIsFoundByTheStories(String mistake, String text, String instead) {
        OptionalLong found = firstBroken(1, 300, script -> without(script, text, instead), Built.AS_IT_IS);
        assertTrue(found.isPresent(), "no story of 300 breaks a promise, with the mistake " + mistake);
    }

    @ParameterizedTest
    @EnumSource(names = {"BLIND", "STUCK"})
    void aMistakeOfFlowControlIsFoundByTheStories(Built built) {
        OptionalLong found = firstBroken(1, 300, Script::source, built);
        assertTrue(found.isPresent(), "no story of 300 breaks a promise, with nodes that are " + built);
    }

    private static String without(Script script, String text, String instead) {
        return script.source().replace(text, instead);
    }
}
