package dev.reverb.server.cluster.nodes;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What was wrong in a run, with the first examples of each kind. One thread. */
final class Verdict {

    private static final int EXAMPLES = 12;

    private final Map<String, List<String>> examples = new LinkedHashMap<>();
    private long due;
    private long missing;
    private long wrong;

    /** A delivery that had to come about. */
    void isDue() {
        due++;
    }

    /** How many of those there were. */
    long due() {
        return due;
    }

    void missing(String what) {
        missing++;
        example("missing", what);
    }

    void doubled(String what) {
        wrong++;
        example("twice", what);
    }

    void disordered(String what) {
        wrong++;
        example("out of order", what);
    }

    void refused(String what) {
        wrong++;
        example("refused and yet delivered", what);
    }

    private void example(String kind, String what) {
        List<String> of = examples.computeIfAbsent(kind, _ -> new ArrayList<>());
        if (of.size() < EXAMPLES) {
            of.add(what);
        }
    }

    /** Nothing came twice, out of order, or though it was refused. */
    boolean clean() {
        return wrong == 0;
    }

    /** And nothing is missing. */
    boolean perfect() {
        return clean() && missing == 0;
    }

    @Override
    public String toString() {
        return due + " deliveries due, " + missing + " missing, " + wrong + " wrong " + examples;
    }
}
