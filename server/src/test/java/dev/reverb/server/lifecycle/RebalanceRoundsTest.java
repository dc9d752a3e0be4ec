package dev.reverb.server.lifecycle;

import static dev.reverb.server.lifecycle.RebalanceRounds.Change.BEGIN;
import static dev.reverb.server.lifecycle.RebalanceRounds.Change.END;
import static dev.reverb.server.lifecycle.RebalanceRounds.Change.GIVE_UP;
import static dev.reverb.server.lifecycle.RebalanceRounds.Change.NONE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.server.cluster.ClusterLoad;
import dev.reverb.server.lifecycle.RebalanceRounds.Change;
import org.junit.jupiter.api.Test;

/** When a node of some gives connections away. */
final class RebalanceRoundsTest {

    private final RebalanceRounds rounds = new RebalanceRounds(25);
    private long joined = 7;
    private int moving;

    private Change heard(int mine, int... others) {
        long sum = mine;
        int fewest = mine;
        for (int other : others) {
            sum += other;
            fewest = Math.min(fewest, other);
        }
        return rounds.heard(new ClusterLoad(joined, 1 + others.length, sum, fewest, moving), mine);
    }

    /** As many heartbeats without a change as it takes to settle; what the last of them leads to. */
    private Change settled(int mine, int... others) {
        for (int i = 1; i < RebalanceRounds.SETTLING; i++) {
            assertEquals(NONE, heard(mine, others));
        }
        return heard(mine, others);
    }

    /** Another node joins; the others are {@code others} now. */
    private Change joins(int mine, int... others) {
        joined++;
        return heard(mine, others);
    }

    private int closeAllOf(int mine) {
        int closed = 0;
        while (rounds.mayClose(mine - closed)) {
            rounds.closed();
            closed++;
        }
        return closed;
    }

    private void begun(int mine, int... others) {
        heard(mine);
        assertEquals(NONE, joins(mine, others));
        assertEquals(BEGIN, settled(mine, others));
    }

    @Test
    void aRoundClosesWhatIsAboveTheMeanWhenAllHasSettledAfterANodeJoined() {
        begun(200, 10);
        assertEquals(95, rounds.goal());
        assertEquals(95, closeAllOf(200));
        assertTrue(rounds.over(105));
        assertEquals(END, rounds.ended());
        assertFalse(rounds.active());
    }

    @Test
    void withoutANodeThatJoinedNothingHappensHoweverFarApartTheyAre() {
        heard(1000, 0);
        assertEquals(NONE, settled(1000, 1));
        assertEquals(NONE, settled(1000, 1));
    }

    @Test
    void itsOwnStartIsNoJoin() {
        assertEquals(NONE, heard(1000, 0));
        assertEquals(NONE, settled(1000, 0));
    }

    @Test
    void withinTheToleranceNothingIsClosed() {
        heard(125);
        joins(125, 75);
        assertEquals(NONE, settled(125, 75));
        assertEquals(NONE, settled(1000, 0), "the moment is over");
    }

    @Test
    void whatOthersMoveMayBeAReasonLater() {
        heard(120, 180);
        joins(120, 180, 0);
        moving = 2;
        assertTrue(rounds.busy());
        assertEquals(NONE, settled(120, 180, 0));
        assertFalse(rounds.busy(), "or two would wait for each other");
        moving = 1;
        assertEquals(NONE, settled(125, 140, 35));
        assertEquals(BEGIN, settled(138, 114, 48), "clients of the other came here");
        assertTrue(rounds.busy());
        rounds.ended();
        assertTrue(rounds.busy(), "another round may follow");
        assertEquals(NONE, settled(110, 120, 70));
        moving = 0;
        assertEquals(NONE, settled(110, 120, 70));
        assertEquals(NONE, settled(1000, 120, 70), "nobody moves any, the moment is over");
    }

    @Test
    void aFewAreNotWorthARound() {
        heard(18);
        joins(18, 0);
        assertEquals(NONE, settled(18, 0));
        begun(20, 0);
        assertEquals(RebalanceRounds.FEW, rounds.goal());
    }

    @Test
    void threeRoundsAtMost() {
        begun(1000, 10, 10, 10);
        int mine = 1000;
        int other = 10;
        for (int round = 1; round <= RebalanceRounds.ROUNDS; round++) {
            mine -= closeAllOf(mine) / 3;
            rounds.ended();
            Change change = settled(mine, other, other, other);
            assertEquals(round < RebalanceRounds.ROUNDS ? BEGIN : NONE, change, "after round " + round);
        }
        assertEquals(NONE, settled(mine, other, other, other));
    }

    @Test
    void noRoundFollowsOneWhoseClientsCameBack() {
        begun(1000, 10);
        assertEquals(495, closeAllOf(1000));
        rounds.ended();
        assertEquals(GIVE_UP, settled(950, 60), "a tenth of those who were closed went elsewhere");
        assertEquals(NONE, settled(950, 60));
    }

    @Test
    void whatOthersCloseMayComeHereAsLongAsWhoHasFewestGetsSome() {
        begun(140, 160, 1);
        assertEquals(39, closeAllOf(140));
        rounds.ended();
        assertEquals(BEGIN, settled(138, 129, 34));
    }

    @Test
    void halfOfWhatChanceWouldBringIsEnoughForAnother() {
        begun(1000, 800, 800, 800, 10);
        int closed = closeAllOf(1000);
        assertEquals(318, closed);
        rounds.ended();
        int gone = closed / 10 + 1;
        assertEquals(BEGIN, settled(1000 - gone, 800, 800, 800, 10 + gone));
    }

    @Test
    void aNodeThatHasNoConnectionIsTriedWithAFew() {
        begun(1000, 0);
        assertEquals(RebalanceRounds.FEW, closeAllOf(1000));
        assertEquals(NONE, settled(1000, 0));
        assertEquals(RebalanceRounds.FEW, closeAllOf(1000));
        assertEquals(NONE, heard(985, 15));
        assertEquals(500 - 2 * RebalanceRounds.FEW, closeAllOf(985));
    }

    @Test
    void aRoundNeverGoesBelowTheMean() {
        begun(200, 10);
        assertFalse(rounds.mayClose(105), "many left by themselves");
        assertTrue(rounds.over(105));
        assertEquals(END, heard(105, 105));
    }

    @Test
    void aNodeThatGoesEndsARoundAndNoneFollowsUntilItIsBack() {
        begun(1000, 10, 10);
        assertEquals(END, heard(1000, 20));
        assertFalse(rounds.mayClose(1000));
        assertEquals(NONE, settled(1000, 20));
        assertEquals(NONE, heard(1000, 20, 10));
        assertEquals(BEGIN, settled(1000, 20, 10));
    }

    @Test
    void whoHearsNobodyElseWaitsForTheOthers() {
        heard(1000);
        assertEquals(NONE, joins(1000, 10));
        assertEquals(NONE, heard(1000), "the link of the other is lost");
        assertEquals(NONE, settled(1000));
        assertEquals(NONE, heard(1000, 10));
        assertEquals(BEGIN, settled(1000, 10));
    }

    @Test
    void theLeaseOfAKilledProcessEndsAfterItsSuccessorHasJoined() {
        heard(100, 100);
        assertEquals(NONE, joins(100, 100, 0));
        assertEquals(NONE, heard(100, 100, 0));
        assertEquals(NONE, heard(100, 0), "its lease has ended");
        assertEquals(BEGIN, settled(100, 0));
    }

    @Test
    void whoJoinsDuringARoundLetsItBeginAnew() {
        begun(1000, 10);
        assertEquals(END, joins(1000, 10, 0));
        assertEquals(BEGIN, settled(1000, 10, 1));
        assertEquals(1000 - 337, rounds.goal());
    }

    @Test
    void aLostLinkEndsARoundAndAnotherFollowsWhenAllHasSettled() {
        begun(1000, 10);
        closeAllOf(1000);
        assertEquals(END, rounds.linkDown());
        assertEquals(NONE, heard(750), "the first to be back");
        assertEquals(NONE, settled(750));
        assertEquals(NONE, heard(750, 260));
        assertEquals(BEGIN, settled(750, 260));
    }

    @Test
    void aDrainIsTheEnd() {
        begun(1000, 10);
        assertEquals(END, rounds.stop());
        assertFalse(rounds.mayClose(1000));
        assertEquals(NONE, settled(1000, 10));
    }

    @Test
    void whatRedisForgotIsNoJoin() {
        heard(1000, 10);
        joined = 0;
        heard(1000, 10);
        assertEquals(NONE, settled(1000, 10));
        assertEquals(NONE, joins(1000, 10, 0));
        assertEquals(BEGIN, settled(1000, 10, 1));
    }
}
