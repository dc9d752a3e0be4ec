package dev.reverb.operator.roll;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Digest;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Why servers are replaced. Each reason is a part of the spec; a template that changed while no part did comes of
 * an operator upgrade. The same value decides (only {@link #OPERATOR_UPGRADE} is held and spaced) and stands in the
 * Event.
 */
public enum RollReason {
    IMAGE("the image changed", plan -> Objects.requireNonNullElse(plan.spec().image(), "")), //
    REDIS("how Redis is reached changed", plan -> text(plan.spec().redis())), //
    DRAIN("the drain's times changed", plan -> text(plan.spec().drain())), //
    TLS("the TLS settings changed", plan -> text(plan.spec().tls())), //
    REBALANCE("spec.rebalance changed", plan -> text(plan.spec().rebalance())), //
    PLACEMENT("where servers may run changed", plan -> text(plan.spec().topologySpread())), //
    POD_TEMPLATE("spec.podTemplate changed",
            plan -> text(plan.spec().podTemplate()) + text(plan.spec().imagePullSecrets())
                    + text(plan.spec().imagePullPolicy())), //
    PUBLICATION("how the cluster is published changed",
            plan -> text(plan.spec().ingress()) + text(plan.spec().gateway())), //
    API("where the HTTP API is served changed", plan -> text(plan.spec().api())), //
    SETTINGS("the servers' settings changed",
            plan -> text(plan.spec().server()) + text(plan.spec().limits()) + text(plan.spec().scaling())
                    + text(plan.spec().webhooks()) + text(plan.spec().log())), //
    SECRET("a Secret that is read only at start changed", _ -> ""), //
    REVERT("the new revision failed and the last good one goes back", _ -> ""), //
    RESTART("somebody asked for a restart", _ -> ""), //
    OPERATOR_UPGRADE("the operator is another one", _ -> "");

    private static final JsonMapper JSON = new JsonMapper();

    private final String text;
    @SuppressWarnings("ImmutableEnumChecker") // the functions have no state
    private final Function<ClusterPlan, String> part;

    RollReason(String text, Function<ClusterPlan, String> part) {
        this.text = text;
        this.part = part;
    }

    /** For people, to stand after "because". */
    public String text() {
        return text;
    }

    /** Digests of every part of the spec that a roll can be for, by reason. */
    public static Map<String, String> inputs(ClusterPlan plan, String secretsDigest) {
        Map<RollReason, String> digests = new EnumMap<>(RollReason.class);
        for (RollReason reason : values()) {
            digests.put(reason, Digest.of(reason == SECRET ? secretsDigest : reason.part.apply(plan)));
        }
        Map<String, String> inputs = new TreeMap<>();
        digests.forEach((reason, digest) -> inputs.put(reason.name(), digest));
        return inputs;
    }

    /** The reason for a template that changed from one made of {@code before} to one made of {@code after}. */
    public static RollReason of(Map<String, String> before, Map<String, String> after) {
        Optional<RollReason> changed = Arrays.stream(values())
                .filter(reason -> before.containsKey(reason.name())
                        && !Objects.equals(before.get(reason.name()), after.get(reason.name())))
                .findFirst();
        return changed.orElse(OPERATOR_UPGRADE);
    }

    /** As it is written, so that a field that a later operator knows changes nothing where nobody wrote it. */
    private static String text(@Nullable Object part) {
        return JSON.valueToTree(part).toString();
    }
}
