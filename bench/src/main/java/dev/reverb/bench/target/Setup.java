package dev.reverb.bench.target;

/** What a server is started with. */
public enum Setup {
    /** One node, by its defaults. */
    PLAIN(0, true),
    /** One node that keeps the last messages of every channel, for clients that resume. */
    HISTORY(0, true),
    /** One node that has 5,000 applications. */
    APPS(0, true),
    /** One node with scaling on, and nobody else at its Redis. */
    SCALED(1, true),
    /** Two nodes with a Redis between them: publications enter at one, subscribers hang on the other. */
    ACROSS(2, true),
    /** One node with scaling on, measured by itself. */
    NODES_1(1, false),
    /** Two nodes, measured by themselves. */
    NODES_2(2, false),
    /** Four nodes. */
    NODES_4(4, false),
    /** Eight nodes. */
    NODES_8(8, false);

    private final int nodes;
    private final boolean compared;

    Setup(int nodes, boolean compared) {
        this.nodes = nodes;
        this.compared = compared;
    }

    /** How many nodes there are at a Redis; 0 where there is no Redis. */
    public int nodes() {
        return nodes;
    }

    /** Whether a plain server under the same load stands in the floor's place. */
    public boolean compared() {
        return compared;
    }
}
