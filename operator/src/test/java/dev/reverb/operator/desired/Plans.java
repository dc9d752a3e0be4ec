package dev.reverb.operator.desired;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.reverb.crd.ReverbClusterSpec;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.settings.OperatorSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;

/** Plans of a cluster named chat in the namespace team, from a spec in YAML. */
final class Plans {
    private static final YAMLMapper YAML = new YAMLMapper();

    private Plans() {}

    static ClusterPlan of(String spec) {
        try {
            return new ClusterPlan("team", "chat", "uid", YAML.readValue(spec, ReverbClusterSpec.class),
                    OperatorSettings.load(Map.of()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
