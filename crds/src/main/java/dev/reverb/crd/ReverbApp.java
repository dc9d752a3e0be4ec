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

/** A team's own application in the team's own namespace, served by a cluster that lets it. */
// @formatter:off
@Group("reverb.dev")
@Version("v1")
@Kind("ReverbApp")
@Plural("reverbapps")
@Singular("reverbapp")
@ShortNames("rva")
@AdditionalPrinterColumn(
        name = "Ready",
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].status",
        type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "Cluster",
        jsonPath = ".spec.clusterRef.name",
        type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(name = "ID", jsonPath = ".status.id", type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(name = "Secret", jsonPath = ".status.secret", type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(name = "URL", jsonPath = ".status.url", type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "Reason",
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].reason",
        type = AdditionalPrinterColumn.Type.STRING,
        priority = 1)
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
@ValidationRule(value = "has(self.spec)", message = "write spec.clusterRef.name: an app needs a cluster that serves it")
@ValidationRule(
        value = "size(self.metadata.name) <= 63 && self.metadata.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",
        message = "metadata.name names a Secret: write at most 63 lower-case letters, digits and hyphens, without "
                + "a dot")
@NullUnmarked
public final class ReverbApp extends WrittenResource<ReverbAppSpec, ReverbAppStatus> {
    // @formatter:on
    private static final long serialVersionUID = 1L;

    /** One without spec and status. */
    public ReverbApp() {
        super(ReverbAppSpec.class, ReverbAppStatus.class);
    }

    /** A copy whose metadata can be changed; spec and status are immutable and shared. */
    public ReverbApp copy() {
        return copied(new ReverbApp());
    }
}
