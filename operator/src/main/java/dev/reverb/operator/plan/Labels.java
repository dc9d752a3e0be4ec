package dev.reverb.operator.plan;

import java.util.Map;
import java.util.TreeMap;

/** Labels and annotations that the operator writes and reads. */
public final class Labels {
    public static final String MANAGED_BY = "app.kubernetes.io/managed-by";
    public static final String OPERATOR = "reverb-operator";
    /** Everything of one cluster; with {@link #COMPONENT} it selects pods, so neither ever changes. */
    public static final String CLUSTER = "reverb.dev/cluster";
    public static final String COMPONENT = "reverb.dev/component";
    /** On a Secret of an attached application: its ReverbApp. */
    public static final String APP = "reverb.dev/app";

    /** On a ReverbCluster: {@code "true"} stops every action of the operator. */
    public static final String PAUSED = "reverb.dev/paused";
    /** On a ReverbCluster: {@code hold} or {@code allowed}, for rolls that an operator upgrade would cause. */
    public static final String UPGRADE = "reverb.dev/upgrade";
    /** On a ReverbCluster: the parts, {@code tls} and {@code redis}, that may change although clients are cut off. */
    public static final String ALLOW_OUTAGE = "reverb.dev/allow-outage";
    /** On the servers' StatefulSet: the parts of the spec that it was made of and that cost an outage, as JSON. */
    public static final String IN_FORCE = "reverb.dev/in-force";
    /** On a StatefulSet: a digest of its pod template. */
    public static final String TEMPLATE = "reverb.dev/template";
    /** On the servers' StatefulSet: digests of what a roll can be for, as JSON. */
    public static final String ROLL_INPUTS = "reverb.dev/roll-inputs";
    /** On the servers' StatefulSet: how many servers the built-in autoscaler wants. */
    public static final String WANTED = "reverb.dev/wanted-replicas";
    /** On a StatefulSet: the last pod template that all its pods were ready with, as JSON. */
    public static final String GOOD_TEMPLATE = "reverb.dev/good-template";
    /** On a StatefulSet: a digest of the pod template that failed and was taken back. */
    public static final String FAILED_TEMPLATE = "reverb.dev/failed-template";
    /** On a StatefulSet: why that one failed. */
    public static final String FAILURE = "reverb.dev/failure";
    /** On a server's pod: the digest of the applications that its mount was refreshed for. */
    public static final String CONFIG = "reverb.dev/config";
    /** On pod templates: a digest of Secrets that are read only at start. */
    public static final String CHECKSUM = "reverb.dev/checksum";

    /**
     * On a ReverbCluster, a ReverbApp or a generated Secret of an application: another value than before makes a new
     * secret; the old one is accepted for {@link #ROTATE_OVERLAP}.
     */
    public static final String ROTATE = "reverb.dev/rotate";
    /** Beside {@link #ROTATE}: how long the old secret is accepted, a duration; a day by default. */
    public static final String ROTATE_OVERLAP = "reverb.dev/rotate-overlap";
    /** On a generated Secret: the values of {@link #ROTATE} that have been carried out. */
    public static final String ROTATED = "reverb.dev/rotated";
    /** On a generated Secret: when its secret was last rotated, ISO 8601. */
    public static final String ROTATED_AT = "reverb.dev/rotated-at";
    /** On a generated Secret: until when the previous secret is accepted, ISO 8601. */
    public static final String PREVIOUS_UNTIL = "reverb.dev/previous-secret-until";

    public static final String SERVER = "server";
    public static final String REDIS = "redis";

    private Labels() {}

    /** Labels of an object that belongs to {@code component} of {@code cluster}. */
    public static Map<String, String> of(String cluster, String component) {
        Map<String, String> labels = new TreeMap<>(selector(cluster, component));
        labels.put("app.kubernetes.io/name", "reverb");
        labels.put("app.kubernetes.io/instance", cluster);
        labels.put("app.kubernetes.io/component", component);
        labels.put(MANAGED_BY, OPERATOR);
        return labels;
    }

    /** What selects the pods of {@code component}. */
    public static Map<String, String> selector(String cluster, String component) {
        return new TreeMap<>(Map.of(CLUSTER, cluster, COMPONENT, component));
    }

    /** {@link #selector} as text, for {@code status.selector}. */
    public static String selectorText(String cluster, String component) {
        return CLUSTER + "=" + cluster + "," + COMPONENT + "=" + component;
    }
}
