package dev.reverb.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.bench.measure.Measure;
import dev.reverb.bench.measure.Sample;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OutcomeTest {
    private static final Row ROW = Rows.ALL.getFirst();

    @Test
    void onlyFiguresOfOneRoundAreCompared() {
        // the machine was twice as fast in the second round: both rounds still say the same
        Outcome outcome = new Outcome(ROW, List.of(round(100, 250, 0.5, 0), round(200, 500, 0.5, 0)));
        assertArrayEquals(new double[]{2.5, 2.5}, outcome.ratios(Outcome.SERVER, Outcome.FLOOR, Measure.DELIVERIES),
                1e-9);
    }

    @Test
    void aRoundInWhichOthersTookATenthOfACoreIsDisturbed() {
        Outcome outcome = new Outcome(ROW, List.of(round(100, 250, 0.5, 0.05), round(100, 250, 0.5, 0.2)));
        assertEquals(1, outcome.disturbedRounds());
    }

    @Test
    void aFigureTakenWithTheLoadAtItsLimitIsMarkedAsALowerBound() {
        Outcome outcome = new Outcome(ROW, List.of(round(100, 240, 0.97, 0)));
        Report report = new Report(List.of());
        report.add(outcome);
        assertTrue(report.text().contains("≥ 240"), report.text());
        assertEquals(Goal.Verdict.UNDECIDED, report.verdict(outcome, ROW.figures().getFirst()));
    }

    @Test
    void theReportSetsServerBesideFloorWithRatioGoalAndVerdict() {
        Report report = new Report(List.of());
        report.add(new Outcome(ROW, List.of(round(1000, 2600, 0.5, 0))));
        String line = report.text().lines().filter(text -> text.contains("deliveries/s")).findFirst().orElseThrow();
        assertEquals(List.of("deliveries/s", "1,000", "2,600", "2.60 ×", "± 0 %", "≥ 2.5 × floor", "pass"),
                List.of(line.strip().split(" {2,}")).subList(0, 7));
    }

    @Test
    void goalsAreJudgedByTheRatioToFloorOrPeerOrByTheValue() {
        double none = Double.NaN;
        assertEquals(Goal.Verdict.PASS, new Goal.AtLeastTimesFloor(2.5).judge(1, 2.5, none, false));
        assertEquals(Goal.Verdict.MISS, new Goal.AtLeastTimesFloor(2.5).judge(1, 2.49, none, false));
        assertEquals(Goal.Verdict.PASS, new Goal.AtMostTimesFloor(0.42).judge(1, 0.42, none, false));
        assertEquals(Goal.Verdict.MISS, new Goal.AtMostTimesFloor(0.42).judge(1, 0.43, none, true));
        assertEquals(Goal.Verdict.MISS, new Goal.AtMost(4).judge(4.1, none, none, false));
        assertEquals(Goal.Verdict.OPEN, new Goal.AtLeastTimesPeer(2).judge(1, 3, none, false));
        assertEquals(Goal.Verdict.PASS, new Goal.AtLeastTimesPeer(2).judge(1, none, 2.1, false));
    }

    private static Map<String, Sample> round(double floor, double server, double loadBusy, double others) {
        return Map.of(Outcome.FLOOR, sample(floor, 0.5, others), Outcome.SERVER, sample(server, loadBusy, others));
    }

    private static Sample sample(double deliveries, double loadBusy, double others) {
        return new Sample(Map.of(Measure.DELIVERIES, deliveries), loadBusy, others, 0);
    }
}
