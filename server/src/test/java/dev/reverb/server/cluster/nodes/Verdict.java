package dev.reverb.server.cluster.nodes;

import java.util.LinkedHashMap;
import java.util.Map;

/** What was wrong in a run, with the first example of each kind. One thread. */
final class Verdict {

    private final Map<String, String> examples = new LinkedHashMap<>();
    private long due;
    private long missing;
    private long wrong;

    /** A delivery that had to come about. */
    void due() {
        due++;
    }

    void missing(String what) {
        missing++;
        examples.putIfAbsent("missing", what);
    }

    void doubled(String what) {
        wrong++;
        examples.putIfAbsent("twice", what);
    }

    void disordered(String what) {
        wrong++;
        examples.putIfAbsent("out of order", what);
    }

    void refused(String what) {
        wrong++;
        examples.putIfAbsent("refused and yet delivered", what);
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
