package dev.reverb.bench;

import java.util.Locale;

/** What a figure has to reach. Pure. */
public sealed interface Goal {
    /** A rate: at least so many times the floor's. */
    record AtLeastTimesFloor(double ratio) implements Goal {}

    /** A cost: at most so many times the floor's. */
    record AtMostTimesFloor(double ratio) implements Goal {}

    /** A cost: at most so much, in the measure's unit. */
    record AtMost(double value) implements Goal {}

    /** A rate: at least so many times that of the best peer in the same run. */
    record AtLeastTimesPeer(double ratio) implements Goal {}

    /** Shown beside the others without a goal of its own. */
    record None() implements Goal {}

    /** How a figure stands to its goal. */
    enum Verdict {
        /** Reached. */
        PASS,
        /** Not reached. */
        MISS,
        /** Not reached, but the load side was what limited. */
        UNDECIDED,
        /** Nothing to compare with in this run. */
        OPEN;

        /** In the report's words. */
        public String text() {
            return switch (this) {
                case PASS -> "pass";
                case MISS -> "MISS";
                case UNDECIDED -> "load-bound";
                case OPEN -> "-";
            };
        }
    }

    /** The goal in the report's words. */
    default String text() {
        return switch (this) {
            case AtLeastTimesFloor(double ratio) -> "≥ " + number(ratio) + " × floor";
            case AtMostTimesFloor(double ratio) -> "≤ " + number(ratio) + " × floor";
            case AtMost(double value) -> "≤ " + number(value);
            case AtLeastTimesPeer(double ratio) -> "≥ " + number(ratio) + " × peer";
            case None() -> "";
        };
    }

    /**
     * Judges a figure.
     *
     * @param value the server's, NaN if it was not measured
     * @param timesFloor ratio to the floor, NaN if there is none
     * @param timesPeer ratio to the best peer, NaN if there is none
     * @param lowerBound whether the load side limited the server, so that a rate may be higher than measured
     */
    default Verdict judge(double value, double timesFloor, double timesPeer, boolean lowerBound) {
        return switch (this) {
            case AtLeastTimesFloor(double ratio) -> atLeast(timesFloor, ratio, lowerBound);
            case AtLeastTimesPeer(double ratio) -> atLeast(timesPeer, ratio, lowerBound);
            case AtMostTimesFloor(double ratio) -> atMost(timesFloor, ratio);
            case AtMost(double most) -> atMost(value, most);
            case None() -> Verdict.OPEN;
        };
    }

    private static Verdict atLeast(double value, double least, boolean lowerBound) {
        if (Double.isNaN(value)) {
            return Verdict.OPEN;
        }
        return value >= least ? Verdict.PASS : lowerBound ? Verdict.UNDECIDED : Verdict.MISS;
    }

    private static Verdict atMost(double value, double most) {
        if (Double.isNaN(value)) {
            return Verdict.OPEN;
        }
        return value <= most ? Verdict.PASS : Verdict.MISS;
    }

    private static String number(double value) {
        String text = String.format(Locale.ROOT, "%.2f", value);
        return text.replaceFirst("\\.?0+$", "");
    }
}
