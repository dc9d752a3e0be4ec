package dev.reverb.operator.desired;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.reverb.operator.desired.server.ServerStatefulSet;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.roll.RollReason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Every field that changes a pod is a reason of its own; only what no field explains is an operator upgrade. */
class RollReasonTest {
    private static final YAMLMapper YAML = new YAMLMapper();
    /** Fields that the schema wants where their parent is written. */
    private static final Set<String> REQUIRED = Set.of("name", "host", "nodes", "master", "maxReplicas", "external");
    private static final String MANAGED = """
        image: r:1
        imagePullPolicy: Always
        imagePullSecrets: [{name: pull}]
        replicas: 3
        appNamespaces: [team-a]
        appIds: any
        api: {enabled: true, publish: true}
        credentialsOnDelete: delete
        apps: [{id: shop, maxConnections: 5}]
        redis: {managed: {flavor: valkey, image: v:1, storage: {enabled: true, size: 2Gi, className: fast,
            onDelete: delete},
                resources: {requests: {cpu: 100m}, limits: {memory: 1Gi}}, passwordSecret: {name: p, key: k},
                podTemplate: {metadata: {labels: {a: b}, annotations: {a: b}}, spec: {priorityClassName: high}}}}
        ingress: {className: nginx, host: ws.example.com, profile: nginx-inc, tls: {secretName: t}, annotations: {a: b}}
        tls: {secretName: cert, issuerRef: {name: ca, kind: ClusterIssuer, group: g}, dnsNames: [a.b]}
        autoscaling: {provider: builtin, minReplicas: 3, maxReplicas: 20, targetConnections: 5,
            targetCPU: 70, scaleDownWindow: 9m}
        drain: {endpointGrace: 7s, duration: 61s, closesPerSecond: 101, notice: 6s, presenceLinger: 6s}
        server: {maxRequestSize: 2000000, signatureTolerance: 601s, trustedProxies: [10.0.0.0/8], appRemovalGrace: 6s}
        limits: {maxHeaderSize: 2048, requestTimeout: 11s, keepAliveTimeout: 76s, outboundBuffer: 20000,
            outboundAge: 11s,
                maxConnections: 9, maxConnectionsPerAddress: 8, handshakesPerSecondPerAddress: 7, maxSubscriptions: 6,
                maxChannelsPerEvent: 5, maxBatchSize: 4, maxEventNameLength: 99, clientEventRate: 3,
                responseTimeout: 12s, idempotencyWindow: 121s, requestMemory: 70000,
                 historyMemory: 20000000, historyMemoryPerApp: 10000000}
        scaling: {lease: 16s, retention: 61s, whenDown: refuse, readyWhenDown: true}
        log: {format: json}
        webhooks: {allowPrivate: true, batchSize: 51, queueSize: 70000, retryFor: 11m, timeout: 11s}
        rollout: {surge: true, settleTimeout: 31s, watchWindow: 16s, progressDeadline: 6m, onFailure: revert}
        rebalance: {enabled: true, tolerancePercent: 26, closesPerSecond: 11}
        disruptionBudget: {enabled: true, maxUnavailable: 2}
        topologySpread: {enabled: true, whenUnsatisfiable: DoNotSchedule, topologyKeys: [zone]}
        networkPolicy: {enabled: false}
        monitoring: {podMonitor: true, rules: true, dashboard: true, interval: 31s, labels: {a: b}}
        podTemplate: {metadata: {labels: {a: b}, annotations: {a: b}}, spec: {priorityClassName: high}}
        """;
    private static final String EXTERNAL = """
        redis: {external: {sentinel: {master: m, nodes: ["a:1"], passwordSecret: {name: s, key: k}}, username: u,
                passwordSecret: {name: p, key: k}, prefix: x, tls: {caSecret: {name: c, key: k}, verify: false}}}
        """;

    private static final String BY_URL = """
        redis: {external: {urlSecret: {name: u, key: url}, tls: {verify: true}}}
        gateway: {parentRefs: [{name: gw}], hostnames: [a.b], tls: true}
        """;
    private static final String CLUSTERED = """
        redis: {external: {cluster: {nodes: ["a:1", "b:1"]}, prefix: x}}
        """;
    private static final List<String> WHOLE = List.of(MANAGED, EXTERNAL, BY_URL, CLUSTERED);

    @Test
    void everyFieldThatChangesAPodHasAReason() throws IOException {
        int changed = 0;
        for (String whole : WHOLE) {
            JsonNode spec = YAML.readTree(whole);
            for (List<String> path : paths(spec, List.of())) {
                if (REQUIRED.contains(path.getLast())) {
                    changed += reasoned(YAML.writeValueAsString(spec), YAML.writeValueAsString(other(spec, path)), path)
                            ? 1
                            : 0;
                    continue;
                }
                JsonNode without = spec.deepCopy();
                ObjectNode parent = (ObjectNode) without;
                for (String name : path.subList(0, path.size() - 1)) {
                    parent = (ObjectNode) parent.path(name);
                }
                parent.remove(path.getLast());
                changed += reasoned(YAML.writeValueAsString(spec), YAML.writeValueAsString(without), path) ? 1 : 0;
            }
        }
        assertTrue(changed > 20, "only " + changed + " fields change a pod");
    }

    /** The spec with another value where one has to be. */
    private static JsonNode other(JsonNode spec, List<String> path) {
        ObjectNode other = spec.deepCopy();
        ObjectNode parent = other;
        for (String name : path.subList(0, path.size() - 1)) {
            parent = (ObjectNode) parent.path(name);
        }
        JsonNode value = parent.path(path.getLast());
        if (value.isTextual()) {
            parent.put(path.getLast(), value.asText() + "x");
        } else if (value.isInt()) {
            parent.put(path.getLast(), value.asInt() + 1);
        }
        return other;
    }

    @Test
    void theWalkKnowsEveryFieldOfTheSchema() throws IOException {
        Set<String> walked = new HashSet<>();
        for (String whole : WHOLE) {
            paths(YAML.readTree(whole), List.of()).forEach(path -> walked.add(String.join(".", path)));
        }
        Set<String> missing = new TreeSet<>();
        fields(YAML.readTree(Path.of("../crds/manifests/reverbclusters.reverb.dev.yaml").toFile())
                .path("spec")
                .path("versions")
                .path(0)
                .path("schema")
                .path("openAPIV3Schema")
                .path("properties")
                .path("spec"), "", missing);
        assertTrue(missing.size() > 60, "the schema was not read");
        missing.removeAll(walked);
        assertEquals(Set.of(), missing, "fields that the walk does not change");
    }

    private static void fields(JsonNode schema, String path, Set<String> found) {
        schema.path("properties").fieldNames().forEachRemaining(name -> {
            String longer = path.isEmpty() ? name : path + "." + name;
            found.add(longer);
            fields(schema.path("properties").path(name), longer, found);
        });
    }

    private static boolean reasoned(String before, String after, List<String> field) {
        ClusterPlan one = Plans.of(before);
        ClusterPlan other = Plans.of(after);
        boolean rolls = !digest(one).equals(digest(other));
        if (rolls) {
            assertNotEquals(RollReason.OPERATOR_UPGRADE,
                    RollReason.of(RollReason.inputs(one, ""), RollReason.inputs(other, "")),
                    () -> "spec." + String.join(".", field) + " changes a pod and is nobody's reason");
        }
        return rolls;
    }

    private static String digest(ClusterPlan plan) {
        return ServerStatefulSet.digest(ServerStatefulSet.template(plan, ""));
    }

    private static List<List<String>> paths(JsonNode node, List<String> path) {
        List<List<String>> paths = new ArrayList<>();
        node.fieldNames().forEachRemaining(name -> {
            List<String> longer = new ArrayList<>(path);
            longer.add(name);
            paths.add(longer);
            paths.addAll(paths(node.path(name), longer));
        });
        return paths;
    }
}
