package dev.reverb.bench;

import dev.reverb.bench.measure.Measure;
import dev.reverb.bench.measure.Sample;
import java.util.List;
import java.util.Map;

/**
 * What came of a row.
 *
 * @param row the row
 * @param rounds what every server measured, one map per round, by the server's name; a round's servers were measured
 *     one
 *     right after the other, so only figures of one round are compared
 */
public record Outcome(Row row, List<Map<String, Sample>> rounds) {
    /** The name of the floor in rounds. */
    public static final String FLOOR = "floor";

    /** The name of the measured server in rounds. */
    public static final String SERVER = "server";

    /** Share of a core that others may take before a round counts as disturbed. */
    private static final double DISTURBED = 0.10;

    /** Copies the rounds. */
    public Outcome {
        rounds = List.copyOf(rounds);
    }

    /** Whether others took more than a tenth of a core while this round was measured. */
    public static boolean disturbed(Map<String, Sample> round) {
        return round.values().stream().anyMatch(sample -> sample.others() > DISTURBED);
    }

    /** How many rounds others disturbed. */
    public long disturbedRounds() {
        return rounds.stream().filter(Outcome::disturbed).count();
    }

    /** A server's figures, one per round in which it was measured. */
    public double[] values(String server, Measure measure) {
        return rounds.stream()
                .filter(round -> round.containsKey(server))
                .mapToDouble(round -> value(round, server, measure))
                .toArray();
    }

    /** One server's figure divided by another's, one per round in which both were measured. */
    public double[] ratios(String server, String to, Measure measure) {
        return rounds.stream()
                .filter(round -> round.containsKey(server) && round.containsKey(to))
                .mapToDouble(round -> value(round, server, measure) / value(round, to, measure))
                .toArray();
    }

    /** The median share of time that the load side was busy with a server; NaN if it was not measured. */
    public double loadBusy(String server) {
        return Statistics.median(rounds.stream()
                .filter(round -> round.containsKey(server))
                .mapToDouble(round -> sample(round, server).loadBusy())
                .toArray());
    }

    /** The median share of a core that others took. */
    public double others() {
        return Statistics.median(
                rounds.stream().flatMap(round -> round.values().stream()).mapToDouble(Sample::others).toArray());
    }

    private static double value(Map<String, Sample> round, String server, Measure measure) {
        Double value = sample(round, server).values().get(measure);
        return value == null ? Double.NaN : value;
    }

    private static Sample sample(Map<String, Sample> round, String server) {
        Sample sample = round.get(server);
        if (sample == null) {
            throw new IllegalArgumentException(server + " was not measured in this round");
        }
        return sample;
    }
}
