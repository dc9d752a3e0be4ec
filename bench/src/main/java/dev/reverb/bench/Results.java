package dev.reverb.bench;

import dev.reverb.bench.measure.Measure;
import dev.reverb.bench.measure.Sample;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * A run as JSON: every round's figures, and what the report makes of them. Figures that were not measured are left out.
 */
final class Results {
    private final List<Map<String, Object>> rows = new ArrayList<>();
    private final Report report;

    Results(Report report) {
        this.report = report;
    }

    /** Adds a row. */
    void add(Outcome outcome) {
        List<Object> figures = new ArrayList<>();
        for (Row.Figure figure : outcome.row().figures()) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("measure", figure.measure().name());
            entry.put("unit", figure.measure().unit());
            number(entry, "floor", Statistics.median(outcome.values(Outcome.FLOOR, figure.measure())));
            number(entry, "server", Statistics.median(outcome.values(Outcome.SERVER, figure.measure())));
            double[] ratios = outcome.ratios(Outcome.SERVER, Outcome.FLOOR, figure.measure());
            number(entry, "ratio", Statistics.median(ratios));
            number(entry, "ratioSpread", Statistics.spread(ratios));
            entry.put("goal", figure.goal().text());
            entry.put("verdict", report.verdict(outcome, figure).name());
            figures.add(entry);
        }
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("row", outcome.row().id());
        row.put("title", outcome.row().title());
        row.put("figures", figures);
        row.put("disturbedRounds", outcome.disturbedRounds());
        row.put("rounds", outcome.rounds().stream().map(Results::round).toList());
        rows.add(row);
    }

    /** Adds a row that could not be measured. */
    void fail(Row row, String why) {
        rows.add(Map.of("row", row.id(), "title", row.title(), "failed", why));
    }

    private static Map<String, Object> round(Map<String, Sample> round) {
        Map<String, Object> servers = new LinkedHashMap<>();
        round.forEach((name, sample) -> {
            Map<String, Object> entry = new LinkedHashMap<>();
            for (Measure measure : Measure.values()) {
                number(entry, measure.name(), sample.values().getOrDefault(measure, Double.NaN));
            }
            number(entry, "loadBusy", sample.loadBusy());
            number(entry, "othersOnServerCore", sample.othersOnServerCore());
            number(entry, "othersOnLoadCore", sample.othersOnLoadCore());
            servers.put(name, entry);
        });
        return servers;
    }

    private static void number(Map<String, Object> entry, String name, double value) {
        if (!Double.isNaN(value)) {
            entry.put(name, value);
        }
    }

    /** Writes what was added. */
    void write(Path file) {
        Map<String, Object> run = new LinkedHashMap<>();
        run.put("at", Instant.now().toString());
        run.put("processors", Runtime.getRuntime().availableProcessors());
        run.put("java", Runtime.version().toString());
        run.put("kernel", System.getProperty("os.version"));
        run.put("rows", rows);
        JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build().writeValue(file, run);
    }
}
