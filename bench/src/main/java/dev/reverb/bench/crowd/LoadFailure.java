package dev.reverb.bench.crowd;

import java.io.IOException;

/** A measurement that cannot count: a connection lost, a reply refused, a delivery missing or one too many. */
public final class LoadFailure extends IOException {
    private static final long serialVersionUID = 1;

    /** @param message what was seen, and what should have been */
    public LoadFailure(String message) {
        super(message);
    }
}
