package dev.reverb.server.cluster.redis.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.cluster.redis.link.Script;
import dev.reverb.server.cluster.redis.simulation.SimulatedNode.Built;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The interleavings of {@link NamedStories} end well, and would not without what was done about them. */
final class NamedStoriesTest {

    private static final int SEEDS = 12;
    private static final Logger CLUSTER = Logger.getLogger("dev.reverb.server.cluster");

    @BeforeAll
    static void quiet() {
        CLUSTER.setLevel(Level.OFF);
    }

    @ParameterizedTest
    @EnumSource
    void itEndsWell(NamedStories story) {
        Lua scripts = new Lua(Script::source);
        for (long seed = 1; seed <= SEEDS; seed++) {
            assertEquals(List.of(), Simulation.run(story.of(seed), scripts), story.of(seed) + "\n");
        }
    }

    private static void goesWrong(NamedStories story, Lua scripts, Built built) {
        assertTrue(LongStream.rangeClosed(1, 5 * SEEDS)
                .anyMatch(seed -> !Simulation.run(story.of(seed), scripts, built).isEmpty()));
    }

    private static Lua without(String text, String instead) {
        assertTrue(Stream.of(Script.values()).anyMatch(script -> script.source().contains(text)), text);
        return new Lua(script -> script.source().replace(text, instead));
    }

    @Test
    void b3GoesWrongWithoutTheTombstoneOfTheQuota() {
        goesWrong(NamedStories.B3, without("if reaped then", "if false then"), Built.AS_IT_IS);
    }

    @Test
    void b8GoesWrongWhereANodeDoesNotReadItsOwnCachedEvents() {
        goesWrong(NamedStories.B8, new Lua(Script::source), Built.LOCAL);
    }

    @Test
    void orderGoesWrongWhereAFrameHasItsEventsInAnother() {
        goesWrong(NamedStories.ORDER, without("emit(ARGV[i + 1])", "n = n + 1 table.insert(out, 1, ARGV[i + 1])"),
                Built.AS_IT_IS);
    }

    @Test
    void slotsGoesWrongWhereAScriptMeetsWhatHasMovedHalfWay() {
        goesWrong(NamedStories.SLOTS, without("if sharded and not touched[key]", "if touched[key] == 0"),
                Built.AS_IT_IS);
    }

    @Test
    void b12GoesWrongWithoutTheNumberOfAnAttach() {
        goesWrong(NamedStories.B12, new Lua(Script::source), Built.HASTY);
    }
}
