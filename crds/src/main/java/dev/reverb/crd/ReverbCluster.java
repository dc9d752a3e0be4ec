package dev.reverb.crd;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;
import org.jspecify.annotations.NullUnmarked;

/** A horizontally scaled installation of the server; {@code spec: {}} is a complete one. */
// @formatter:off
@Group("reverb.dev")
@Version("v1")
@Kind("ReverbCluster")
@Plural("reverbclusters")
@Singular("reverbcluster")
@ShortNames("rvc")
@AdditionalPrinterColumn(
        name = "Ready",
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].status",
        type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "Replicas",
        jsonPath = ".status.readyReplicas",
        type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(
        name = "Connections",
        jsonPath = ".status.connections",
        type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(name = "Version", jsonPath = ".status.version", type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(name = "URL", jsonPath = ".status.url", type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "Desired",
        jsonPath = ".spec.replicas",
        type = AdditionalPrinterColumn.Type.INTEGER,
        priority = 1)
@AdditionalPrinterColumn(
        name = "Reason",
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].reason",
        type = AdditionalPrinterColumn.Type.STRING,
        priority = 1)
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
@ValidationRule(
        value = "size(self.metadata.name) <= 40 && self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",
        message = "metadata.name names Services and pods: write at most 40 lower-case letters, digits and "
                + "hyphens, beginning with a letter and without a dot")
@ValidationRule(
        value = "!has(self.spec) || !has(self.spec.drain) || !has(self.spec.drain.duration) || "
                + "!has(self.spec.drain.endpointGrace) || "
                + "duration(self.spec.drain.duration) + duration(self.spec.drain.endpointGrace) <= duration('23h50m')",
        message = "spec.drain: endpointGrace and duration are more than a day together; write less")
@NullUnmarked
public final class ReverbCluster extends WrittenResource<ReverbClusterSpec, ReverbClusterStatus> {
    // @formatter:on
    private static final long serialVersionUID = 1L;

    /** One without spec and status. */
    public ReverbCluster() {
        super(ReverbClusterSpec.class, ReverbClusterStatus.class);
    }

    /** A copy whose metadata can be changed; spec and status are immutable and shared. */
    public ReverbCluster copy() {
        return copied(new ReverbCluster());
    }
}
