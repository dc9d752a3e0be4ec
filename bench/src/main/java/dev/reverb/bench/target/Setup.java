package dev.reverb.bench.target;

/** What a server is started with. */
public enum Setup {
    /** One node, by its defaults. */
    PLAIN,
    /** One node that keeps the last messages of every channel, for clients that resume. */
    HISTORY,
    /** One node with scaling on, and nobody else at its Redis. */
    SCALED,
    /** Two nodes with a Redis between them: publications enter at one, subscribers hang on the other. */
    ACROSS;

    boolean redis() {
        return this == SCALED || this == ACROSS;
    }
}
