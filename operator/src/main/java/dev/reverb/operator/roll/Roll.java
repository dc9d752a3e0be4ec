package dev.reverb.operator.roll;

import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * The roll as a state machine without a state of its own: what is observed decides, so that an operator that was killed
 * midway goes on where it stopped.
 *
 * <pre>
 * a new template is always applied with the partition at GUARD: nothing moves by itself
 * fewer wanted than there are            → one fewer, once nothing terminates and reconnects settled
 * more wanted than there are             → all at once: adding hurts nobody
 * servers of an old revision             → (surge: one more, of the new revision, first)
 *     wait until nothing terminates, every new server is Ready, reconnects settled, old ones Ready or out of patience
 *     lower the partition to the highest old ordinal: the StatefulSet controller replaces that server
 *     (one that is missing for long, since the old revision cannot be created, counts as an old one)
 * none of an old revision left           → partition 0, so that the controller concludes the roll, then GUARD again
 * </pre>
 *
 * Stateless; any thread.
 */
public final class Roll {
    /** A partition above any ordinal. */
    public static final int GUARD = 1_000_000;

    private static final String SETTLING = "reconnects are settling";

    private Roll() {}

    /** The next action. */
    public static RollAction next(RollInput input) {
        if (!input.observed()) {
            return new RollAction.Wait(false, "the StatefulSet controller has not seen the last change yet");
        }
        boolean old = input.servers().stream().anyMatch(server -> old(server, input))
                || (!input.currentRevision().equals(input.updateRevision()) && input.replicas() > 0);
        int wanted = input.wanted() + (old && input.surge() && !input.held() && input.wanted() > 0 ? 1 : 0);
        if (input.replicas() > Math.max(wanted, input.wanted())) {
            return fewer(input);
        }
        if (input.replicas() < input.wanted()) {
            return new RollAction.ScaleUp(input.wanted());
        }
        if (!old) {
            return input.partition() == GUARD ? rest(input) : new RollAction.Guard();
        }
        return input.held() ? new RollAction.Hold() : replace(input, wanted);
    }

    private static RollAction rest(RollInput input) {
        Optional<String> unfinished = blocker(input, server -> !server.ready())
                .or(() -> missing(input).map(Roll::missingText));
        return unfinished.isPresent() && !unfinished.get().equals(SETTLING)
                ? new RollAction.Wait(false, unfinished.get())
                : new RollAction.Rest();
    }

    private static RollAction fewer(RollInput input) {
        return blocker(input,
                server -> !server.ready() && server.ordinal() < input.replicas() - 1 && patient(server, input))
                .<RollAction>map(reason -> new RollAction.Wait(false, reason))
                .orElseGet(() -> new RollAction.ScaleDown(input.replicas() - 1));
    }

    private static RollAction replace(RollInput input, int wanted) {
        if (input.replicas() < wanted) {
            return new RollAction.Surge(wanted, Math.min(input.partition(), input.wanted()));
        }
        Optional<Integer> missing = missing(input);
        if (missing.isPresent() && input.partition() > 0 && !input.uncreatable()) {
            // a server below the partition comes back with the old revision; wait for it, whatever it is
            return new RollAction.Wait(true, missingText(missing.get()));
        }
        Optional<ServerState> next = input.servers()
                .stream()
                .filter(server -> old(server, input))
                .filter(server -> !server.terminating())
                .max(Comparator.comparingInt(ServerState::ordinal));
        Optional<String> blocker = blocker(input, server -> !server.ready() && (!old(server, input)
                || (next.map(n -> n.ordinal() != server.ordinal()).orElse(true) && patient(server, input))));
        if (blocker.isPresent()) {
            return new RollAction.Wait(true, blocker.get());
        }
        // one that the old revision cannot create is as much of that revision as one that exists: the fix gets out
        int ordinal = Math.max(next.map(ServerState::ordinal).orElse(0), missing.orElse(0));
        if (missing.isPresent() && input.partition() <= ordinal) {
            return new RollAction.Wait(true, missingText(missing.get()));
        }
        return input.partition() > ordinal ? new RollAction.Replace(ordinal)
                : new RollAction.Wait(true, next.isPresent() ? "server " + ordinal + " is being replaced"
                        : "the StatefulSet controller is concluding the roll");
    }

    private static Optional<String> blocker(RollInput input, Predicate<ServerState> unready) {
        List<ServerState> servers = input.servers()
                .stream()
                .sorted(Comparator.comparingInt(ServerState::ordinal).reversed())
                .toList();
        for (ServerState server : servers) {
            if (server.terminating()) {
                return Optional.of("server " + server.ordinal() + " is draining");
            }
        }
        for (ServerState server : servers) {
            if (unready.test(server)) {
                return Optional.of("server " + server.ordinal() + " is not ready");
            }
        }
        for (ServerState server : servers) {
            if (!old(server, input) && input.partition() <= server.ordinal() && watched(server, input)) {
                return Optional.of(
                        "server " + server.ordinal() + " is new and watched for " + input.watch().toSeconds() + " s");
            }
        }
        return input.settled() ? Optional.empty() : Optional.of(SETTLING);
    }

    private static boolean watched(ServerState server, RollInput input) {
        return server.ready() && server.since().plus(input.watch()).isAfter(input.now());
    }

    private static String missingText(int ordinal) {
        return "server " + ordinal + " does not exist yet";
    }

    private static Optional<Integer> missing(RollInput input) {
        Set<Integer> present = new HashSet<>();
        input.servers().forEach(server -> present.add(server.ordinal()));
        return IntStream.range(0, input.replicas())
                .filter(ordinal -> !present.contains(ordinal))
                .boxed()
                .max(Comparator.naturalOrder());
    }

    private static boolean patient(ServerState server, RollInput input) {
        return server.since().plus(input.patience()).isAfter(input.now());
    }

    private static boolean old(ServerState server, RollInput input) {
        return !server.revision().equals(input.updateRevision());
    }
}
