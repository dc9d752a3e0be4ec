package dev.reverb.server.app;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How what is in force compares with what is written.
 *
 * @param digest of the file that is in force, in whole or in part: the SHA-256 of its bytes as 64 hexadecimal digits;
 *     empty without a file
 * @param since when this began: the last time that all of the file was taken, or that it was not any longer
 * @param problem why the file as it is now is not in force, in whole or in part; empty when it is
 * @param refused applications of the file that are left out, or stay in their last form
 */
public record RegistryState(
        Optional<String> digest,
        Instant since,
        Optional<String> problem,
        List<RefusedApp> refused) {
    public RegistryState {
        refused = List.copyOf(refused);
    }

    /** What follows it; {@link #since} stays while nothing but the problem changes. */
    RegistryState next(Optional<String> nextDigest, Optional<String> nextProblem, List<RefusedApp> nextRefused) {
        boolean goesOn = problem.isPresent() && nextProblem.isPresent();
        return new RegistryState(nextDigest, goesOn ? since : Instant.now(), nextProblem, nextRefused);
    }
}
