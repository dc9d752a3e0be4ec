package dev.reverb.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SchemaTest {
    /**
     * Without retries: an object that does not fit the schema's types is answered with 500 when it is applied, which
     * the client otherwise tries again for 20 s.
     */
    private static final KubernetesClient CLIENT = new KubernetesClientBuilder()
            .withConfig(
                    new ConfigBuilder(ApiServer.client().getConfiguration()).withRequestRetryBackoffLimit(0).build())
            .build();
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
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "{apps: [{id: a}, {id: a}]}|.spec.apps: duplicate entries for key [id=\"a\"]",
            "{apps: [{id: Shop}]}|the generated Secret is named after the id",
            "{apps: [{id: redis}]}|would collide with one of the cluster's own",
            "{apps: [{id: 'a/b', credentialsSecret: s}]}|write an id of letters, digits",
            "{apps: [{id: a, pingInterval: '60'}]}|write a duration with its unit",
            "{apps: [{id: a, allowedOrigins: ['https://a.b']}]}|write hosts without scheme or path",
            "{apps: [{id: a, acceptClientEventsFrom: some}]}|supported values: \"all\", \"members\", \"none\"",
            "{apps: [{id: a, webhooks: [{url: 'ftp://x/y'}]}]}|begins with http:// or https://",
            "{apps: [{id: a, history: [{channels: 'a*', age: soon}]}]}|write a duration with its unit",
            "{apps: [{id: a, history: [{channels: 'a b'}]}]}|history[0].channels",
            "{apps: [{id: a, history: [{count: 5}]}]}|history[0].channels",
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
            "{topologySpread: {whenUnsatisfiable: Maybe}}|supported values: \"DoNotSchedule\", \"ScheduleAnyway\"",
            "{apps: [{id: a, maxConnections: 3000000000}]}|less than or equal to 2147483647",
            "{apps: [{id: a, maxMessageSize: 3000000000}]}|apps[0].maxMessageSize",
            "{apps: [{id: a, rateLimiting: {decaySeconds: 100000}}]}|less than or equal to 86400",
            "{apps: [{id: a, pingInterval: 0s}]}|of 1s to 24h", "{apps: [{id: a, activityTimeout: 25h}]}|of 1s to 24h",
            "{apps: [{id: a, cacheTtl: 800h}]}|of 1s to 720h",
            "{apps: [{id: a, pingInterval: 1000000000000s}]}|write a duration with its unit",
            "{apps: [{id: a, allowedOrigins: ['a b']}]}|write hosts without scheme or path",
            "{apps: [{id: a, allowedOrigins: ['bücher.de']}]}|write hosts without scheme or path",
            "{apps: [{id: a, allowedOrigins: [x, x]}]}|duplicate entries for key [=\"x\"]",
            "{apps: [{id: a, webhooks: [{url: 'https://h/x', events: [channel_ocupied]}]}]}|\"channel_occupied\"",
            "{apps: [{id: a, webhooks: [{url: 'http://my service/x'}]}]}|webhooks[0].url",
            "{apps: [{id: a, webhooks: [{url: 'https://$HOST/x'}]}]}|webhooks[0].url",
            "{apps: [{id: a, webhooks: [{url: 'https://h/x', headers: {a: \"b\\nc\"}}]}]}|webhooks[0].headers.a",
            "{apps: [{id: a, webhooks: [{url: 'https://h/x', channels: ['a b']}]}]}|webhooks[0].channels",
            "{apps: [{id: a, webhooks: [{url: 'https://h/x', headersFrom: {A: {name: B_c}}}]}]}|headersFrom.A.name",
            "{apps: [{id: a, webhooks: [{url: 'https://h/x', headers: {A: b}, headersFrom: {A: {name: s}}}]}]}"
                    + "|write it in one of them",
            "{drain: {presenceLinger: 2m}}|of 0s to 1m", "{limits: {idempotencyWindow: 2h}}|of 1s to 1h",
            "{webhooks: {timeout: 3m}}|of 1s to 2m", "{server: {trustedProxies: [proxy]}}|server.trustedProxies",
            "{scaling: {whenDown: wait}}|hold", "{limits: {maxBatchSize: 0}}|greater than or equal to 1",
            "{apps: [{id: a, credentialsSecret: s}, {id: b, credentialsSecret: s}]}|give each a Secret of its own",
            "{apps: [{id: a, credentialsSecret: A_b}]}|write an object's name",
            "{apps: [{id: a, webhooks: [null]}]}|must be of type object",
            "{redis: {managed: {storage: {size: ''}}}}|write an amount above 0",
            "{redis: {managed: {storage: {size: 0}}}}|write an amount above 0",
            "{redis: {managed: {storage: {size: 1Zi}}}}|write an amount above 0",
            "{redis: {managed: {storage: {enabled: false, size: 1Gi}}}}|leave size and className out",
            "{redis: {managed: {resources: {requests: {memory: ''}}}}}|write an amount above 0",
            "{redis: {managed: {resources: {requests: {memory: 2Gi}, limits: {memory: 1Gi}}}}}|above its limit",
            "{redis: {managed: {image: 'a b'}}}|write an image such as",
            "{redis: {external: {cluster: {nodes: ['a:99999']}}}}|write each node as host:port",
            "{redis: {external: {urlSecret: {name: r, key: 'a/b'}}}}|write a key of a Secret",
            "{image: 'a b'}|write an image such as", "{appNamespaces: [Team_A]}|write namespaces",
            "{appNamespaces: [a, a]}|duplicate entries for key [=\"a\"]",
            "{imagePullSecrets: [{name: a}, {name: a}]}|duplicate entries for key [name=\"a\"]",
            "{ingress: {host: A_b}}|write a host name alone",
            "{gateway: {parentRefs: [{name: g}], hostnames: ['https://a.b']}}|write host names alone",
            "{tls: {issuerRef: {name: ca, kind: Isuer}}}|write Issuer or ClusterIssuer",
            "{tls: {secretName: s, dnsNames: ['a b']}}|write host names alone",
            "{autoscaling: {maxReplicas: 5, targetConnections: 9, scaleDownWindow: 2h}}|takes at most 1h",
            "{autoscaling: {maxReplicas: 5, targetConnections: 3000000000}}|less than or equal to 10000000",
            "{disruptionBudget: {maxUnavailable: 3000000000}}|less than or equal to 1000",
            "{disruptionBudget: {maxUnavailable: 0}}|disruptionBudget.maxUnavailable",
            "{disruptionBudget: {maxUnavailable: '50%'}}|.spec.disruptionBudget.maxUnavailable",
            "{disruptionBudget: {minAvailable: 1}}|.spec.disruptionBudget.minAvailable: field not declared",
            "{drain: {duration: 24h, endpointGrace: 1h}}|more than a day together",
            "{drain: {endpointGrace: 2h}}|of 0s to 1h", "{rollout: {settleTimeout: 25h}}|of 0s to 1h",
            "{rollout: {progressDeadline: 0s}}|of 1s to 24h", "{rollout: {onFailure: abort}}|pause",
            "{monitoring: {interval: 0s}}|of 1s to 1h",
            "{topologySpread: {topologyKeys: ['a b']}}|write labels of nodes",
            "{podTemplate: 5}|spec.podTemplate: expected map",
            "{podTemplate: {metadata: null}}|spec.podTemplate.metadata",
            "{podTemplate: {spec: [1]}}|spec.podTemplate.spec", "{replicas: 3000000000}|less than or equal to 1000",
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
    void anIdThatIsDefaultedCannotBeGivenLater() {
        apply("ReverbApp", "late", "{clusterRef: {name: chat}}");
        String said = String.valueOf(assertThrows(KubernetesClientException.class,
                () -> apply("ReverbApp", "late", "{clusterRef: {name: chat}, id: '2'}")).getMessage());
        assertTrue(said.contains("cannot change, be added or removed"), said);
    }

    @Test
    void aClusterWithoutASpecHasItsReplicas() {
        GenericKubernetesResource made = CLIENT.resource(Serialization.<GenericKubernetesResource>unmarshal("""
            apiVersion: reverb.dev/v1
            kind: ReverbCluster
            metadata: {name: bare, namespace: %s}
            """.formatted(namespace), GenericKubernetesResource.class)).serverSideApply();
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
                   activityTimeout: 30s, maxMessageSize: 10000, maxEventSize: 20000,
                   rateLimiting: {enabled: true,
                   maxAttempts: 60, decaySeconds: 60, terminateOnLimit: true},
                   history: [{channels: "orders.*", age: 5m}], webhooks: [{url: "https://h:8443/x?y=z",
                   events: [channel_occupied, connection_opened], channelPrefix: a-,
                   channels: ["a-*", b], headers: {X-Token: "a b"},
                   headersFrom: {Authorization: {name: hook, key: token}}}]}
                - {id: admin, credentialsSecret: admin-app, maxConnections: 5000, acceptClientEventsFrom: none}
              redis: {managed: {flavor: valkey, storage: {size: 1Gi, className: fast, onDelete: delete},
                      resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {memory: 134217728}},
                      podTemplate: {spec: {tolerations: [{operator: Exists}]}},
                         passwordSecret: {name: p, key: k}}}
              ingress: {className: nginx, host: ws.example.com, profile: ingress-nginx,
                 tls: {secretName: ws-tls},
                        annotations: {a: b}}
              tls: {issuerRef: {name: ca, kind: ClusterIssuer}, dnsNames: [a.b]}
              autoscaling: {minReplicas: 3, maxReplicas: 20, targetConnections: 5000, targetCPU: 80,
                            scaleDownWindow: 30m}
              drain: {endpointGrace: 5s, duration: 60s, closesPerSecond: 100, notice: 5s, presenceLinger: 5s}
              limits: {idempotencyWindow: 2m}
              server: {trustedProxies: [10.0.0.0/8, "::1", "*"]}
              webhooks: {allowPrivate: true, timeout: 2m}
              scaling: {whenDown: refuse}
              log: {format: json}
              rollout: {surge: false, settleTimeout: 30s, watchWindow: 15s, progressDeadline: 5m,
                        onFailure: revert}
              rebalance: {enabled: true, tolerancePercent: 25, closesPerSecond: 10}
              disruptionBudget: {enabled: true, maxUnavailable: 1}
              topologySpread: {whenUnsatisfiable: DoNotSchedule, topologyKeys: [kubernetes.io/hostname]}
              networkPolicy: {enabled: true}
              monitoring: {podMonitor: true, rules: true, dashboard: true, interval: 30s, labels: {release: p}}
              podTemplate: {spec: {containers: [{name: server, resources: {requests: {cpu: 500m}}}]}}
            """.indent(0).replaceFirst("^", "\n"));
    }
}
