package dev.reverb.operator.report;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Clusters that another operator acts on: this one leaves them alone, and says so in its log once, in its readiness and
 * by a meter. Any thread.
 */
public final class ForeignOwners {
    private static final Logger LOG = LoggerFactory.getLogger(ForeignOwners.class);

    private final Map<String, Owned> clusters = new ConcurrentHashMap<>();

    private record Owned(String cluster, String owner) {}

    /** The operator of the namespace {@code owner} acts on {@code cluster}. */
    public void saw(HasMetadata cluster, String owner) {
        String name = cluster.getMetadata().getNamespace() + "/" + cluster.getMetadata().getName();
        Owned before = clusters.put(cluster.getMetadata().getUid(), new Owned(name, owner));
        if (before == null || !before.owner().equals(owner)) {
            LOG.error(
                    "ReverbCluster {} belongs to the operator in {}: nothing is done for it here; uninstall one of the"
                            + " two, or have them watch different namespaces",
                    name, owner);
        }
    }

    /** This operator acts on the cluster {@code uid}, or it is gone. */
    public void forget(String uid) {
        clusters.remove(uid);
    }

    /** Whether there is none. */
    public boolean none() {
        return clusters.isEmpty();
    }

    /** A line for each owner; empty when there is none. */
    public String detail() {
        StringBuilder text = new StringBuilder();
        owners().forEach((owner, names) -> text.append("the operator in ")
                .append(owner)
                .append(" acts on ")
                .append(names)
                .append(": uninstall one of the two, or have them watch different namespaces\n"));
        return text.toString();
    }

    private Map<String, String> owners() {
        Map<String, String> owners = new TreeMap<>();
        clusters.values()
                .stream()
                .sorted((one, other) -> one.cluster().compareTo(other.cluster()))
                .limit(20)
                .forEach(owned -> owners.merge(owned.owner(), owned.cluster(), (one, other) -> one + ", " + other));
        return owners;
    }

    /** The meter in the text format of Prometheus. */
    public String exposition() {
        return "# HELP reverb_operator_foreign_clusters Clusters that another operator acts on, and this one leaves"
                + " alone\n# TYPE reverb_operator_foreign_clusters gauge\nreverb_operator_foreign_clusters "
                + clusters.size() + "\n";
    }
}
