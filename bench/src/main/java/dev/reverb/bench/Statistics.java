package dev.reverb.bench;

import java.util.Arrays;

/** Medians and spreads of a handful of figures. Pure. */
final class Statistics {
    private Statistics() {}

    /** The middle value, or the mean of the two middle ones; NaN of nothing. */
    static double median(double... values) {
        if (values.length == 0) {
            return Double.NaN;
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /** Half of the distance between the largest and the smallest, as a share of the median; NaN of nothing. */
    static double spread(double... values) {
        if (values.length == 0) {
            return Double.NaN;
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return (sorted[sorted.length - 1] - sorted[0]) / 2 / median(sorted);
    }
}
