package dev.reverb.operator.report;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * What the statuses of resources say, as meters: how many are ready, and the conditions of those in trouble, of
 * {@value #MOST} at most. Any thread.
 */
public final class ConditionMeters {
    private static final int MOST = 1_000;
    private static final Set<String> BAD = Set.of("Degraded", "Stalled");

    private final Map<Name, Seen> resources = new ConcurrentHashMap<>();
    private final LongAdder stalls = new LongAdder();
    private final LongAdder reverts = new LongAdder();

    private record Name(String kind, String namespace, String name) {}

    private record Seen(String uid, boolean ready, List<Trouble> troubles) {}

    private record Trouble(String condition, String reason) {}

    /** Takes the conditions that the status of {@code resource} has now. */
    public void saw(HasMetadata resource, List<Condition> conditions) {
        List<Trouble> troubles = new ArrayList<>();
        boolean ready = false;
        for (Condition condition : conditions) {
            boolean holds = "True".equals(condition.getStatus());
            ready |= condition.getType().equals("Ready") && holds;
            if (condition.getType().equals("Ready") ? !holds : holds && BAD.contains(condition.getType())) {
                troubles.add(new Trouble(condition.getType(), condition.getReason()));
            }
        }
        // in the place of one that had the name before and is gone
        resources.put(
                new Name(resource.getKind(), resource.getMetadata().getNamespace(), resource.getMetadata().getName()),
                new Seen(resource.getMetadata().getUid(), ready, List.copyOf(troubles)));
    }

    /** Forgets the resource {@code uid}, which is gone. Looks at all that there are. */
    public void forget(String uid) {
        resources.values().removeIf(seen -> seen.uid().equals(uid));
    }

    /** Counts what {@code reason} says of a roll. */
    public void recorded(EventReason reason) {
        if (reason == EventReason.RollStalled) {
            stalls.increment();
        } else if (reason == EventReason.RollReverted) {
            reverts.increment();
        }
    }

    /** All meters in the text format of Prometheus. */
    public String exposition() {
        StringBuilder text = new StringBuilder();
        head(text, "reverb_operator_resources", "gauge", "Resources by kind and by whether they are Ready");
        Map<String, Integer> counts = new TreeMap<>();
        resources.forEach((name, seen) -> counts.merge("kind=\"" + name.kind() + "\",ready=\"" + seen.ready() + "\"", 1,
                Integer::sum));
        counts.forEach((labels, count) -> text.append("reverb_operator_resources{")
                .append(labels)
                .append("} ")
                .append(count)
                .append('\n'));
        head(text, "reverb_operator_condition", "gauge",
                "1 for each resource that is not Ready, or is Degraded or Stalled, with the reason; of 1000 resources"
                        + " at most");
        List<Map.Entry<Name, Seen>> troubled = resources.entrySet()
                .stream()
                .filter(entry -> !entry.getValue().troubles().isEmpty())
                .toList();
        troubled.stream()
                .limit(MOST)
                .forEach(entry -> entry.getValue().troubles().forEach(trouble -> line(text, entry.getKey(), trouble)));
        value(text, "reverb_operator_conditions_left_out", "gauge",
                "Resources in trouble beyond those that reverb_operator_condition names",
                Math.max(0, troubled.size() - MOST));
        value(text, "reverb_operator_roll_stalls_total", "counter", "Rolls of which a step came to its deadline",
                stalls.sum());
        value(text, "reverb_operator_roll_reverts_total", "counter", "Rolls whose revision failed and was taken back",
                reverts.sum());
        return text.toString();
    }

    private static void line(StringBuilder text, Name of, Trouble trouble) {
        text.append("reverb_operator_condition{kind=\"")
                .append(of.kind())
                .append("\",namespace=\"")
                .append(of.namespace())
                .append("\",name=\"")
                .append(of.name())
                .append("\",condition=\"")
                .append(trouble.condition())
                .append("\",reason=\"")
                .append(trouble.reason())
                .append("\"} 1\n");
    }

    private static void value(StringBuilder text, String name, String type, String help, long value) {
        head(text, name, type, help);
        text.append(name).append(' ').append(value).append('\n');
    }

    private static void head(StringBuilder text, String name, String type, String help) {
        text.append("# HELP ").append(name).append(' ').append(help).append('\n');
        text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }
}
