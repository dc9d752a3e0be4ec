package dev.reverb.operator.observe;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the ready servers of a cluster say of themselves.
 *
 * @param answers of those that answered
 * @param silent pods that did not, with why
 */
public record ServerStatuses(List<ServerStatus> answers, List<Silent> silent) {
    public ServerStatuses {
        answers = List.copyOf(answers);
        silent = List.copyOf(silent);
    }

    /**
     * A ready server that did not answer.
     *
     * @param pod name
     * @param why in one line
     */
    public record Silent(String pod, String why) {}

    /** Connections over all of them; empty when one did not answer. */
    public OptionalLong connections() {
        return silent.isEmpty() ? OptionalLong.of(atLeast()) : OptionalLong.empty();
    }

    /** Connections over those that answered. */
    public long atLeast() {
        return answers.stream().mapToLong(ServerStatus::connections).sum();
    }

    /** The last use of a previous secret of the application {@code id} on any of them, since the server's start. */
    public Optional<Instant> previousSecretUsed(String id) {
        return answers.stream()
                .flatMap(status -> status.previousSecrets().getOrDefault(id, Optional.empty()).stream())
                .max(Instant::compareTo);
    }
}
