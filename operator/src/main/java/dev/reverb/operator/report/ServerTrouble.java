package dev.reverb.operator.report;

import dev.reverb.operator.observe.ServerStatus;
import dev.reverb.operator.observe.ServerStatuses;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What the servers' own answers show to be wrong. Pure. */
public final class ServerTrouble {
    /** Applications that are named, as a file may hold thousands. */
    private static final int MOST = 5;
    private static final int LONGEST = 400;

    private ServerTrouble() {}

    /** Applications that servers refuse, and files that they refuse as a whole. */
    public static List<Problem> refused(ServerStatuses statuses) {
        Map<ServerStatus.Refused, Set<String>> apps = new LinkedHashMap<>();
        Map<String, Set<String>> files = new LinkedHashMap<>();
        for (ServerStatus status : statuses.answers()) {
            status.refused().forEach(app -> apps.computeIfAbsent(app, _ -> new TreeSet<>()).add(status.pod()));
            if (status.refused().isEmpty()) {
                status.stale()
                        .ifPresent(problem -> files.computeIfAbsent(problem, _ -> new TreeSet<>()).add(status.pod()));
            }
        }
        List<Problem> problems = new ArrayList<>();
        files.forEach(
                (problem, pods) -> problems.add(Problem.partial("SettingsRefused", shortened(String.join(", ", pods)
                        + " refuses the last change of the applications and serves what it had before: " + problem))));
        apps.entrySet()
                .stream()
                .limit(MOST)
                .forEach(refused -> problems.add(Problem.partial("AppRefused", shortened("the app "
                        + refused.getKey().id() + " is refused by " + String.join(", ", refused.getValue()) + ": "
                        + refused.getKey().reason()
                        + (refused.getKey().kept() ? "; it is served there as it was" : "; it is not served there")))));
        if (apps.size() > MOST) {
            problems.add(Problem.partial("AppRefused", apps.size() - MOST + " more apps are refused by servers"));
        }
        return problems;
    }

    /** Those of {@code pods} that are ready and do not answer. */
    public static List<Problem> silent(ServerStatuses statuses, Set<String> pods) {
        return statuses.silent()
                .stream()
                .filter(silent -> pods.contains(silent.pod()))
                .map(silent -> Problem.partial("ServerSilent",
                        shortened(silent.pod()
                                + " is ready and does not answer the operator at /status of its management port: "
                                + silent.why() + "; what it serves is not known")))
                .toList();
    }

    private static String shortened(String text) {
        return text.length() > LONGEST ? text.substring(0, LONGEST) : text;
    }
}
