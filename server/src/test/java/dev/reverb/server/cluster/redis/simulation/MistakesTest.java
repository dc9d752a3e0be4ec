package dev.reverb.server.cluster.redis.simulation;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.cluster.redis.link.Script;
import dev.reverb.server.cluster.redis.simulation.SimulatedNode.Built;
import java.util.OptionalLong;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A protection that is taken away is missed: each promise can fail, and a story in which it does is found. */
final class MistakesTest {

    private static final Logger CLUSTER = Logger.getLogger("dev.reverb.server.cluster");

    @BeforeAll
    static void quiet() {
        CLUSTER.setLevel(Level.OFF);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(quoteCharacter = '"', delimiter = '|', textBlock = """
        missed: a hole after a fail-over is accepted          | applied ~= tonumber(before)     | false
        twice: a frame has its events twice                   | emit(ARGV[i + 1]) | \
        emit(ARGV[i + 1]) emit(ARGV[i + 1])
        members: those of a dead node are not announced gone  | leave(of, member(field))        | local _ = of
        admitted: who is refused is a member all the same     | refused[#refused + 1] = asked | \
        refused[#refused + 1] = asked join(owner, ARGV[i + 1], ARGV[i + 2], ARGV[i + 3])
        counts: a change is added, not set                    | subscriptions - old)            | subscriptions)
        gated: a log that was full stays full                 | if head[6] and publishes then | \
        if publishes and seq > 3 then return {-3} end if false then
        """)
    void aMistakeIsFoundByTheStories(String mistake, String text, String instead) {
        assertTrue(Stream.of(Script.values()).anyMatch(script -> script.source().contains(text)), text);
        OptionalLong found = SimulationTest.firstBroken(1, 300, script -> SimulationTest.without(script, text, instead),
                Built.AS_IT_IS);
        assertTrue(found.isPresent(), "no story of 300 breaks a promise, with the mistake " + mistake);
    }

    @ParameterizedTest
    @EnumSource(names = {"BLIND", "STUCK"})
    void aMistakeOfFlowControlIsFoundByTheStories(Built built) {
        OptionalLong found = SimulationTest.firstBroken(1, 300, Script::source, built);
        assertTrue(found.isPresent(), "no story of 300 breaks a promise, with nodes that are " + built);
    }
}
