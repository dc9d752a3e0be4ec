package dev.reverb.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.reverb.crd.ReverbCluster;
import dev.reverb.operator.desired.exposure.ServerIngress;
import dev.reverb.operator.desired.redis.RedisStatefulSet;
import dev.reverb.operator.desired.server.ServerStatefulSet;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.settings.OperatorSettings;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Whatever the API server takes can be read and acted on, and what it refuses it refuses with a sentence. */
@Tag("slow")
class SpecFuzzTest {
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final List<String> SPECS = List.of("""
        image: r:1
        imagePullPolicy: Always
        imagePullSecrets: [{name: pull}]
        replicas: 3
        appNamespaces: [team-a]
        apps:
          - {id: shop, credentialsSecret: s, enabled: true, allowedOrigins: [a.b], pingInterval: 60s,
             activityTimeout: 30s,
             maxConnections: 5, maxMessageSize: 10, maxEventSize: 10, acceptClientEventsFrom: all,
             channelNames: any,
             cacheTtl: 30m, maxPresenceMembers: 5,
             maxPresenceMemberSize: 900, maxPresenceUserIdLength: 90, userAuthentication: true,
             watchlistEvents: true,
             subscriptionCountEvents: true, rateLimiting: {enabled: true, maxAttempts: 6, decaySeconds: 6,
             terminateOnLimit: true}, history: [{channels: "a*", count: 5, age: 1m, bytes: 2048}],
             webhooks: [{url: "https://h/x", events: [cache_miss], channelPrefix: a,
             channels: ["a*"], headers: {X-A: b}, headersFrom: {X-B: {name: s, key: k}}}]}
        redis: {managed: {flavor: valkey, image: v:1, storage: {size: 2Gi, className: fast,
           onDelete: delete, enabled: true},
                resources: {requests: {cpu: 100m}, limits: {memory: 1Gi}}, passwordSecret: {name: p, key: k},
                podTemplate: {metadata: {labels: {a: b}}, spec: {priorityClassName: high}}}}
        ingress: {className: nginx, host: ws.example.com, profile: nginx-inc, tls: {secretName: t},
           annotations: {a: b}}
        tls: {secretName: cert, issuerRef: {name: ca, kind: ClusterIssuer, group: g}, dnsNames: [a.b]}
        autoscaling: {provider: builtin, minReplicas: 3, maxReplicas: 20, targetConnections: 5,
           scaleDownWindow: 9m}
        drain: {endpointGrace: 7s, duration: 61s, closesPerSecond: 101, notice: 6s, presenceLinger: 4s}
        limits: {maxHeaderSize: 20000, requestTimeout: 9s, keepAliveTimeout: 70s,
           outboundBuffer: 2000000, outboundAge: 9s,
                 maxConnections: 9, maxConnectionsPerAddress: 9, handshakesPerSecondPerAddress: 9,
                 maxSubscriptions: 9,
                 maxChannelsPerEvent: 9, maxBatchSize: 9, maxEventNameLength: 9, clientEventRate: 9,
                 responseTimeout: 9s, idempotencyWindow: 90s, requestMemory: 70000,
                 historyMemory: 20000000, historyMemoryPerApp: 10000000}
        server: {maxRequestSize: 9, signatureTolerance: 9m, trustedProxies: [10.0.0.0/8], appRemovalGrace: 4s}
        webhooks: {allowPrivate: true, timeout: 9s, retryFor: 9m, batchSize: 9, queueSize: 70000}
        scaling: {lease: 7s, retention: 70s, whenDown: refuse, readyWhenDown: false}
        log: {format: json}
        rollout: {surge: true, settleTimeout: 31s, watchWindow: 16s, progressDeadline: 6m, onFailure: revert}
        rebalance: {enabled: true, tolerancePercent: 26, closesPerSecond: 11}
        disruptionBudget: {enabled: true, maxUnavailable: 2}
        topologySpread: {enabled: true, whenUnsatisfiable: DoNotSchedule, topologyKeys: [zone]}
        networkPolicy: {enabled: false}
        monitoring: {podMonitor: true, rules: true, dashboard: true, interval: 31s, labels: {a: b}}
        podTemplate: {metadata: {labels: {a: b}, annotations: {a: b}}, spec: {priorityClassName: high}}
        """, """
        gateway: {parentRefs: [{name: g, namespace: n, sectionName: s, port: 443}], hostnames: [a.b], tls: true}
        redis: {external: {sentinel: {master: m, nodes: ["a:1"], passwordSecret: {name: s, key: k}},
           username: u,
                passwordSecret: {name: p, key: k}, prefix: x, tls: {caSecret: {name: c, key: k},
                   verify: false}}}
        """);

    private final KubernetesClient client = ApiServer.client();
    private final String namespace = ApiServer.namespace();
    private int refused;
    private int taken;

    @Test
    void everyFieldPastItsTypeIsRefusedWithItsNameOrCanBeActedOn() throws IOException {
        for (String text : SPECS) {
            JsonNode spec = YAML.readTree(text);
            submit(spec, "nothing");
            for (String pointer : pointers(spec, "")) {
                for (JsonNode value : values(spec.at(pointer))) {
                    submit(with(spec, pointer, value), pointer);
                }
            }
        }
        assertTrue(refused > 300, "only " + refused + " were refused");
        assertTrue(taken > 50, "only " + taken + " were taken");
    }

    private static List<JsonNode> values(JsonNode present) {
        JsonNodeFactory make = JsonNodeFactory.instance;
        List<JsonNode> values = new ArrayList<>(List.of(NullNode.instance, new LongNode(3_000_000_000L),
                new IntNode(-1), new IntNode(0), new TextNode(""), new TextNode("x".repeat(65_536)),
                new TextNode("a b\u0000c".replace("\u0000", "\n")), make.objectNode().put("unknown", 1),
                make.arrayNode().add(NullNode.instance)));
        if (present instanceof ArrayNode array) {
            values.add(array.deepCopy().addAll(array));
            values.add(make.arrayNode());
        }
        if (present instanceof ObjectNode object) {
            values.add(object.deepCopy().put("unknown", 1));
            values.add(make.objectNode());
        }
        return values;
    }

    private static JsonNode with(JsonNode spec, String pointer, JsonNode value) {
        JsonNode copy = spec.deepCopy();
        int slash = pointer.lastIndexOf('/');
        JsonNode parent = copy.at(pointer.substring(0, slash));
        String name = pointer.substring(slash + 1);
        if (parent instanceof ArrayNode array) {
            array.set(Integer.parseInt(name), value);
        } else {
            ((ObjectNode) parent).set(name, value);
        }
        return copy;
    }

    private static List<String> pointers(JsonNode node, String pointer) {
        List<String> pointers = new ArrayList<>();
        node.fieldNames().forEachRemaining(name -> pointers.addAll(below(node.get(name), pointer + "/" + name)));
        for (int i = 0; i < (node.isArray() ? node.size() : 0); i++) {
            pointers.addAll(below(node.get(i), pointer + "/" + i));
        }
        return pointers;
    }

    private static List<String> below(JsonNode node, String pointer) {
        List<String> pointers = new ArrayList<>(List.of(pointer));
        pointers.addAll(pointers(node, pointer));
        return pointers;
    }

    private void submit(JsonNode spec, String pointer) throws IOException {
        GenericKubernetesResource resource = Serialization.unmarshal("""
            apiVersion: reverb.dev/v1
            kind: ReverbCluster
            metadata: {name: chat, namespace: %s}
            """.formatted(namespace), GenericKubernetesResource.class);
        resource.setAdditionalProperty("spec", YAML.convertValue(spec, Map.class));
        GenericKubernetesResource made;
        try {
            made = client.resource(resource).dryRun().create();
        } catch (KubernetesClientException e) {
            refused++;
            assertTrue(e.getCode() == 422 || e.getCode() == 400, () -> pointer + ": " + e.getMessage());
            String[] parts = pointer.split("/", -1);
            String name = parts[parts.length - 1].matches("\\d+") ? parts[parts.length - 2] : parts[parts.length - 1];
            assertTrue(String.valueOf(e.getMessage()).contains(name), () -> pointer + ": " + e.getMessage());
            return;
        }
        taken++;
        ReverbCluster cluster = Serialization.unmarshal(Serialization.asJson(made), ReverbCluster.class);
        assertEquals(Optional.empty(), cluster.unreadable(), pointer);
        try {
            ClusterPlan plan = ClusterPlan.of(cluster, OperatorSettings.load(Map.of()));
            ServerStatefulSet.template(plan, "");
            plan.managedRedis().ifPresent(redis -> RedisStatefulSet.template(plan, redis, false));
            ServerIngress.of(plan);
        } catch (IllegalArgumentException e) {
            assertTrue(String.valueOf(e.getMessage()).startsWith("spec."), () -> pointer + ": " + e.getMessage());
        }
    }
}
