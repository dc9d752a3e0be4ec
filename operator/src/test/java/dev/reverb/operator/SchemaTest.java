package dev.reverb.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SchemaTest {
    private static final KubernetesClient CLIENT = ApiServer.client();
    private static String namespace = "";

    @BeforeAll
    static void start() {
        namespace = ApiServer.namespace();
    }

    private static GenericKubernetesResource apply(String kind, String name, String spec) {
        GenericKubernetesResource resource = Serialization.unmarshal("""
            apiVersion: reverb.dev/v1
            kind: %s
            metadata: {name: %s, namespace: %s}
            spec: %s
            """.formatted(kind, name, namespace, spec), GenericKubernetesResource.class);
        return CLIENT.resource(resource).forceConflicts().serverSideApply();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {"{apps: [{id: a}, {id: a}]}|an app id stands twice",
            "{apps: [{id: Shop}]}|the generated Secret is named after the id",
            "{apps: [{id: redis}]}|would collide with one of the cluster's own",
            "{apps: [{id: 'a/b', credentialsSecret: s}]}|write an id of letters, digits",
            "{apps: [{id: a, pingInterval: '60'}]}|write a duration with its unit",
            "{apps: [{id: a, allowedOrigins: ['https://a.b']}]}|write hosts without scheme or path",
            "{apps: [{id: a, acceptClientEventsFrom: some}]}|supported values: \"all\", \"members\", \"none\"",
            "{apps: [{id: a, webhooks: [{url: 'ftp://x/y'}]}]}|begins with http:// or https://",
            "{redis: {managed: {}, external: {urlSecret: {name: r}}}}|write either redis.managed or redis.external",
            "{redis: {external: {prefix: a}}}|write exactly one of redis.external.urlSecret",
            "{redis: {external: {urlSecret: {name: r}, username: u}}}|carries user and password",
            "{redis: {external: {cluster: {nodes: [a]}}}}|write each node as host:port",
            "{redis: {external: {urlSecret: {name: r}, prefix: 'a b'}}}|write a prefix of letters",
            "{ingress: {host: 'https://a.b'}}|write a host name alone",
            "{ingress: {host: a.b, profile: traefik}}|supported values: \"alb\", \"haproxy-ingress\"",
            "{ingress: {host: a.b}, gateway: {parentRefs: [{name: g}]}}|write either spec.ingress or spec.gateway",
            "{tls: {}}|write tls.secretName for a certificate that exists",
            "{autoscaling: {maxReplicas: 5}}|there is nothing to scale on",
            "{autoscaling: {minReplicas: 6, maxReplicas: 5, targetConnections: 9}}|write at most maxReplicas",
            "{autoscaling: {maxReplicas: 1, targetConnections: 9}}|write minReplicas: 1",
            "{autoscaling: {provider: builtin, maxReplicas: 5, targetCPU: 80}}|provider builtin scales on "
                    + "connections alone",
            "{drain: {duration: 60}}|.spec.drain.duration: expected string",
            "{drain: {duration: 60x}}|write a duration with its unit",
            "{topologySpread: {whenUnsatisfiable: Maybe}}|write ScheduleAnyway or DoNotSchedule",
            "{replicas: -1}|greater than or equal to 0", "{replica: 3}|field not declared in schema"})
    void aSpecThatCannotWorkIsRefusedWithWhatToWrite(String spec, String message) {
        KubernetesClientException refused = assertThrows(KubernetesClientException.class,
                () -> apply("ReverbCluster", "chat", spec));
        String said = String.valueOf(refused.getMessage());
        assertTrue(said.contains(message), said);
    }

    @Test
    void aNameThatNoServiceCouldHaveIsRefused() {
        String said = String.valueOf(
                assertThrows(KubernetesClientException.class, () -> apply("ReverbCluster", "a".repeat(41), "{}"))
                        .getMessage());
        assertTrue(said.contains("write at most 40 lower-case letters"), said);
        assertThrows(KubernetesClientException.class, () -> apply("ReverbCluster", "1.2", "{}"));
    }

    @Test
    void anAppNeedsAClusterAndKeepsItsId() {
        assertThrows(KubernetesClientException.class, () -> apply("ReverbApp", "shop", "{}"));
        apply("ReverbApp", "shop", "{clusterRef: {name: chat}, id: '1'}");
        String said = String.valueOf(assertThrows(KubernetesClientException.class,
                () -> apply("ReverbApp", "shop", "{clusterRef: {name: chat}, id: '2'}")).getMessage());
        assertTrue(said.contains("create another ReverbApp"), said);
    }

    @Test
    void twoReplicasAreTheOnlyDefault() {
        GenericKubernetesResource made = apply("ReverbCluster", "empty", "{}");
        assertEquals(Map.of("replicas", 2), made.getAdditionalProperties().get("spec"));
    }

    @Test
    void everyFieldOfTheContractIsAccepted() {
        apply("ReverbCluster", "whole", """
              image: registry/reverb:1
              imagePullPolicy: IfNotPresent
              imagePullSecrets: [{name: pull}]
              replicas: 3
              appNamespaces: [team-a, "*"]
              apps:
                - {id: shop, allowedOrigins: [shop.example.com, "*.shop.example.com"], pingInterval: 60s,
                   activityTimeout: 30s, maxMessageSize: 10000, maxEventSize: 20000, rateLimiting: {enabled: true,
                   maxAttempts: 60, decaySeconds: 60, terminateOnLimit: true}, webhooks: [{url: "https://h/x"}]}
                - {id: admin, credentialsSecret: admin-app, maxConnections: 5000, acceptClientEventsFrom: none}
              redis: {managed: {flavor: valkey, storage: {size: 1Gi, className: fast, onDelete: delete},
                      resources: {requests: {cpu: 100m}}, passwordSecret: {name: p, key: k}}}
              ingress: {className: nginx, host: ws.example.com, profile: ingress-nginx, tls: {secretName: ws-tls},
                        annotations: {a: b}}
              tls: {issuerRef: {name: ca, kind: ClusterIssuer}, dnsNames: [a.b]}
              autoscaling: {minReplicas: 3, maxReplicas: 20, targetConnections: 5000, targetCPU: 80,
                            scaleDownWindow: 30m}
              drain: {endpointGrace: 5s, duration: 60s, closesPerSecond: 100}
              rollout: {surge: false, settleTimeout: 30s}
              rebalance: {enabled: true, tolerancePercent: 25, closesPerSecond: 10}
              disruptionBudget: {enabled: true, maxUnavailable: 1}
              topologySpread: {whenUnsatisfiable: DoNotSchedule, topologyKeys: [kubernetes.io/hostname]}
              networkPolicy: {enabled: true}
              monitoring: {podMonitor: true, rules: true, dashboard: true, interval: 30s, labels: {release: p}}
              podTemplate: {spec: {containers: [{name: server, resources: {requests: {cpu: 500m}}}]}}
            """.indent(0).replaceFirst("^", "\n"));
    }
}
