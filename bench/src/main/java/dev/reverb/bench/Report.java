package dev.reverb.bench;

import dev.reverb.bench.measure.Measure;
import dev.reverb.bench.measure.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The table of a run, as text. Pure. */
final class Report {
    private static final List<String> HEAD = List.of("", "floor", "server", "ratio", "spread", "goal", "verdict",
            "load busy (floor/server)", "others", "disturbed");

    private final List<String> peers;
    private final List<List<String>> lines = new ArrayList<>();

    /** @param peers names of the further servers, each a column */
    Report(List<String> peers) {
        this.peers = List.copyOf(peers);
        List<String> head = new ArrayList<>(HEAD);
        head.addAll(3, this.peers);
        lines.add(head);
    }

    /** How the server's figure stands to its goal. */
    Goal.Verdict verdict(Outcome outcome, Row.Figure figure) {
        return figure.goal()
                .judge(Statistics.median(outcome.values(Outcome.SERVER, figure.measure())),
                        ratio(outcome, Outcome.FLOOR, figure.measure()), timesBestPeer(outcome, figure.measure()),
                        outcome.loadBusy(Outcome.SERVER) > Sample.LOAD_LIMIT);
    }

    private double timesBestPeer(Outcome outcome, Measure measure) {
        return peers.stream()
                .mapToDouble(peer -> ratio(outcome, peer, measure))
                .filter(value -> !Double.isNaN(value))
                .min()
                .orElse(Double.NaN);
    }

    private static double ratio(Outcome outcome, String to, Measure measure) {
        return Statistics.median(outcome.ratios(Outcome.SERVER, to, measure));
    }

    /** Adds a row's figures. */
    void add(Outcome outcome) {
        lines.add(List.of(outcome.row().title()));
        boolean first = true;
        for (Row.Figure figure : outcome.row().figures()) {
            double[] ratios = outcome.ratios(Outcome.SERVER, Outcome.FLOOR, figure.measure());
            List<String> line = new ArrayList<>(List.of("  " + figure.measure().unit(),
                    value(outcome, Outcome.FLOOR, figure), value(outcome, Outcome.SERVER, figure)));
            for (String peer : peers) {
                line.add(value(outcome, peer, figure));
            }
            line.add(text("%.2f ×", Statistics.median(ratios)));
            line.add(text("± %.0f %%", Statistics.spread(ratios) * 100));
            line.add(figure.goal().text());
            line.add(verdict(outcome, figure).text());
            if (first) {
                line.add(text("%.0f %%", outcome.loadBusy(Outcome.FLOOR) * 100) + " / "
                        + text("%.0f %%", outcome.loadBusy(Outcome.SERVER) * 100));
                line.add(text("%.0f %%", outcome.others() * 100));
                line.add(outcome.disturbedRounds() + " of " + outcome.rounds().size());
            }
            lines.add(line);
            first = false;
        }
    }

    private static String value(Outcome outcome, String server, Row.Figure figure) {
        double value = Statistics.median(outcome.values(server, figure.measure()));
        if (Double.isNaN(value)) {
            return "-";
        }
        boolean bound = figure.measure().isRate() && outcome.loadBusy(server) > Sample.LOAD_LIMIT;
        return (bound ? "≥ " : "") + figure.measure().text(value);
    }

    private static String text(String format, double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, format, value);
    }

    /** The table. */
    String text() {
        int columns = lines.getFirst().size();
        int[] widths = new int[columns];
        for (List<String> line : lines) {
            for (int i = 0; i < line.size() && line.size() > 1; i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        }
        StringBuilder table = new StringBuilder();
        for (List<String> line : lines) {
            StringBuilder row = new StringBuilder();
            for (int i = 0; i < line.size(); i++) {
                String padding = " ".repeat(Math.max(0, widths[i] - line.get(i).length()));
                row.append(i == 0 ? line.get(i) + padding : "  " + padding + line.get(i));
            }
            table.append(row.toString().stripTrailing()).append('\n');
        }
        return table.toString();
    }
}
