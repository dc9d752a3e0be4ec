package dev.reverb.operator.desired;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.crd.ManagedRedisSpec;
import dev.reverb.operator.desired.app.AppSecret;
import dev.reverb.operator.desired.app.AppTable;
import dev.reverb.operator.desired.app.ConfigSecret;
import dev.reverb.operator.desired.app.RedisLink;
import dev.reverb.operator.desired.app.ServedApp;
import dev.reverb.operator.desired.exposure.ForeignObjects;
import dev.reverb.operator.desired.exposure.ServerIngress;
import dev.reverb.operator.desired.monitoring.ServerDashboard;
import dev.reverb.operator.desired.monitoring.ServerRules;
import dev.reverb.operator.desired.redis.RedisAccess;
import dev.reverb.operator.desired.redis.RedisFacts;
import dev.reverb.operator.desired.redis.RedisSecret;
import dev.reverb.operator.desired.redis.RedisStatefulSet;
import dev.reverb.operator.desired.server.ServerAutoscaler;
import dev.reverb.operator.desired.server.ServerDisruptionBudget;
import dev.reverb.operator.desired.server.ServerStatefulSet;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Credentials;
import dev.reverb.operator.plan.ForeignKind;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DesiredTest {
    private static PodTemplateSpec template(String spec) {
        return ServerStatefulSet.template(Plans.of(spec), "digest");
    }

    private static Container server(String spec) {
        return template(spec).getSpec().getContainers().getFirst();
    }

    private static Map<String, String> env(String spec) {
        return server(spec).getEnv()
                .stream()
                .collect(Collectors.toMap(EnvVar::getName,
                        variable -> variable.getValue() != null ? variable.getValue()
                                : variable.getValueFrom().getSecretKeyRef().getName() + "/"
                                        + variable.getValueFrom().getSecretKeyRef().getKey()));
    }

    @Test
    void theGracePeriodHoldsTheWholeDrain() {
        PodTemplateSpec template = template("{drain: {endpointGrace: 7s, duration: 2m}}");
        assertEquals(7 + 120 + 15, template.getSpec().getTerminationGracePeriodSeconds());
        assertEquals(7,
                template.getSpec().getContainers().getFirst().getLifecycle().getPreStop().getSleep().getSeconds());
        assertEquals("120s", env("{drain: {duration: 2m}}").get("REVERB_DRAIN_DURATION"));
        assertFalse(env("{}").containsKey("REVERB_DRAIN_DURATION"));
        assertEquals(5 + 60 + 15, template("{}").getSpec().getTerminationGracePeriodSeconds());
    }

    @Test
    void rebalancingIsOnWhenItIsWrittenAndNotSwitchedOff() {
        Map<String, String> env = env("{rebalance: {}}");
        assertEquals("true", env.get("REVERB_REBALANCE_ENABLED"));
        assertFalse(env.containsKey("REVERB_REBALANCE_TOLERANCE_PERCENT"), "the server's default");
        assertFalse(env.containsKey("REVERB_REBALANCE_CLOSES_PER_SECOND"), "the server's default");
        env = env("{rebalance: {tolerancePercent: 40, closesPerSecond: 7}}");
        assertEquals("true", env.get("REVERB_REBALANCE_ENABLED"));
        assertEquals("40", env.get("REVERB_REBALANCE_TOLERANCE_PERCENT"));
        assertEquals("7", env.get("REVERB_REBALANCE_CLOSES_PER_SECOND"));
        for (String spec : List.of("{}", "{rebalance: {enabled: false, closesPerSecond: 7}}")) {
            assertTrue(env(spec).keySet().stream().noneMatch(name -> name.startsWith("REVERB_REBALANCE")), spec);
        }
    }

    @Test
    void aPodIsRestricted() {
        PodTemplateSpec template = template("{}");
        Container server = template.getSpec().getContainers().getFirst();
        assertFalse(template.getSpec().getEnableServiceLinks());
        assertFalse(template.getSpec().getAutomountServiceAccountToken());
        assertTrue(template.getSpec().getSecurityContext().getRunAsNonRoot());
        assertEquals("RuntimeDefault", template.getSpec().getSecurityContext().getSeccompProfile().getType());
        assertTrue(server.getSecurityContext().getReadOnlyRootFilesystem());
        assertFalse(server.getSecurityContext().getAllowPrivilegeEscalation());
        assertEquals(List.of("ALL"), server.getSecurityContext().getCapabilities().getDrop());
        assertEquals("/dev/termination-log", env("{}").get("REVERB_TERMINATION_MESSAGE_PATH"));
        assertTrue(server.getVolumeMounts().stream().allMatch(mount -> mount.getSubPath() == null));
    }

    @Test
    void aManagedRedisIsReachedByNameAndPassword() {
        Map<String, String> env = env("{}");
        assertTrue(env.keySet().stream().noneMatch(name -> name.startsWith("REDIS_")), env.toString());
        AppTable table = new AppTable(new TreeMap<>(), new TreeMap<>());
        assertEquals("""
            apps: []
            redis:
              host: "chat-redis"
              password: "a\\"b: c"
            """, table.file(RedisLink.managed("chat-redis", "a\"b: c")));
        assertEquals("team:chat", env.get("REVERB_SCALING_CHANNEL"));
        assertEquals("true", env.get("REVERB_SCALING_ENABLED"));
    }

    @Test
    void anExternalRedisIsReachedAsItIsWritten() {
        assertNull(env("{redis: {external: {urlSecret: {name: redis}, prefix: p}}}").get("REDIS_URL"));
        Map<String, String> sentinel = env("{redis: {external: {sentinel: {master: m, nodes: ['a:1', 'b:2']},"
                + " passwordSecret: {name: s, key: k}, tls: {caSecret: {name: ca}, verify: false}}}}");
        assertEquals("a:1,b:2", sentinel.get("REDIS_SENTINEL_NODES"));
        assertEquals("m", sentinel.get("REDIS_SENTINEL_MASTER"));
        assertNull(sentinel.get("REDIS_PASSWORD"));
        assertEquals("true", sentinel.get("REDIS_TLS"));
        assertEquals("/etc/reverb/config/redis-ca.crt", sentinel.get("REDIS_CAFILE"));
        assertEquals("false", sentinel.get("REDIS_VERIFY_PEER"));
        assertEquals("a:1", env("{redis: {external: {cluster: {nodes: ['a:1']}}}}").get("REDIS_CLUSTER_NODES"));
        assertTrue(Plans.of("{redis: {external: {cluster: {nodes: ['a:1']}}}}").managedRedis().isEmpty());
    }

    @Test
    void directTlsIsMountedAsAFolder() {
        PodTemplateSpec template = template("{tls: {secretName: cert}}");
        assertEquals("/etc/reverb/tls/tls.crt", env("{tls: {secretName: cert}}").get("REVERB_TLS_CERT"));
        assertTrue(template.getSpec()
                .getVolumes()
                .stream()
                .anyMatch(volume -> volume.getSecret() != null && volume.getSecret().getSecretName().equals("cert")));
        assertEquals("wss://chat.team.svc:8080", Plans.of("{tls: {secretName: cert}}").publicAddress().url());
    }

    @Test
    void thePodTemplateIsMergedAndCannotLoseWhatSelectsThePods() {
        PodTemplateSpec template = template("{podTemplate: {metadata: {labels: {a: b, reverb.dev/cluster: other}},"
                + " spec: {nodeSelector: {disk: ssd}, containers: [{name: server, resources: {requests: {cpu: '2'}},"
                + " env: [{name: REVERB_DEBUG, value: 'true'}]}, {name: proxy, image: p}]}}}");
        assertEquals("b", template.getMetadata().getLabels().get("a"));
        assertEquals("chat", template.getMetadata().getLabels().get("reverb.dev/cluster"));
        assertEquals(Map.of("disk", "ssd"), template.getSpec().getNodeSelector());
        assertEquals(2, template.getSpec().getContainers().size());
        Container server = template.getSpec().getContainers().getFirst();
        assertEquals(new Quantity("2"), server.getResources().getRequests().get("cpu"));
        assertEquals(new Quantity("256Mi"), server.getResources().getRequests().get("memory"));
        assertTrue(server.getEnv().stream().anyMatch(variable -> variable.getName().equals("REVERB_DEBUG")));
        assertTrue(server.getEnv().stream().anyMatch(variable -> variable.getName().equals("REVERB_CONFIG")));
    }

    @Test
    void appsAndWhatSurroundsTheServersDoNotRollThem() {
        String before = ServerStatefulSet.digest(template("{}"));
        for (String spec : List.of("{apps: [{id: other}]}", "{ingress: {host: a.b, className: nginx}}",
                "{monitoring: {podMonitor: true}}", "{replicas: 7}", "{autoscaling: {maxReplicas: 5}}",
                "{rollout: {surge: true}}", "{networkPolicy: {enabled: false}}")) {
            assertEquals(before, ServerStatefulSet.digest(template(spec)), spec);
        }
        for (String spec : List.of("{image: other}", "{drain: {duration: 61s}}",
                "{redis: {external: {urlSecret: {name: r}, prefix: p}}}", "{tls: {secretName: c}}",
                "{podTemplate: {metadata: {labels: {a: b}}}}")) {
            assertNotEquals(before, ServerStatefulSet.digest(template(spec)), spec);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"ingress-nginx|nginx.ingress.kubernetes.io/proxy-read-timeout|3600",
            "nginx-inc|nginx.org/websocket-services|chat", "haproxy-tech|haproxy.org/timeout-tunnel|3600s",
            "haproxy-ingress|haproxy-ingress.github.io/timeout-tunnel|1h",
            "alb|alb.ingress.kubernetes.io/load-balancer-attributes|idle_timeout.timeout_seconds=3600"})
    void aProfileWritesItsControllersAnnotations(String profile, String key, String value) {
        Ingress ingress = ServerIngress.of(Plans.of("{ingress: {host: a.b, profile: " + profile + "}}")).orElseThrow();
        assertEquals(value, ingress.getMetadata().getAnnotations().get(key));
    }

    @Test
    void theUsersAnnotationsWinOverTheProfile() {
        Ingress ingress = ServerIngress.of(Plans.of("{ingress: {host: a.b, className: nginx, annotations:"
                + " {nginx.ingress.kubernetes.io/proxy-read-timeout: '60'}}}")).orElseThrow();
        assertEquals("60",
                ingress.getMetadata().getAnnotations().get("nginx.ingress.kubernetes.io/proxy-read-timeout"));
        assertEquals("off", ingress.getMetadata().getAnnotations().get("nginx.ingress.kubernetes.io/proxy-buffering"));
    }

    @Test
    void theAutoscalerAimsAtTheClusterAndRemovesOneServerPerDrain() {
        HorizontalPodAutoscaler scaler = ServerAutoscaler.of(Plans
                .of("{autoscaling: {minReplicas: 3, maxReplicas: 9, targetConnections: 5000, scaleDownWindow: 10m}}"))
                .orElseThrow();
        assertEquals("ReverbCluster", scaler.getSpec().getScaleTargetRef().getKind());
        assertEquals(3, scaler.getSpec().getMinReplicas());
        assertEquals(1, scaler.getSpec().getMetrics().size());
        assertEquals("reverb_connections", scaler.getSpec().getMetrics().getFirst().getPods().getMetric().getName());
        assertEquals(600, scaler.getSpec().getBehavior().getScaleDown().getStabilizationWindowSeconds());
        assertEquals(80, scaler.getSpec().getBehavior().getScaleDown().getPolicies().getFirst().getPeriodSeconds());
        assertEquals(Optional.empty(), ServerAutoscaler
                .of(Plans.of("{autoscaling: {provider: builtin, maxReplicas: 9, targetConnections: 5}}")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {"{}|true", "{replicas: 1}|false",
            "{disruptionBudget: {enabled: false}}|false",
            "{replicas: 1, autoscaling: {minReplicas: 2, maxReplicas: 4, targetConnections: 5}}|true"})
    void thereIsABudgetWhereItMakesSense(String spec, boolean budget) {
        ClusterPlan plan = Plans.of(spec);
        assertEquals(budget, ServerDisruptionBudget.of(plan, plan.leastReplicas()).isPresent());
    }

    /** A budget of all servers would be none: their nodes could be emptied at once. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {"{}|2|1|false",
            "{disruptionBudget: {maxUnavailable: 2}}|2|1|true", "{replicas: 3}|3|1|false",
            "{replicas: 3, disruptionBudget: {maxUnavailable: 2}}|3|2|false",
            "{replicas: 3, disruptionBudget: {maxUnavailable: 3}}|3|2|true",
            "{replicas: 3, disruptionBudget: {maxUnavailable: 1000}}|3|2|true",
            "{replicas: 3, disruptionBudget: {enabled: false, maxUnavailable: 3}}|3|0|false",
            "{replicas: 1, disruptionBudget: {maxUnavailable: 1}}|1|0|false",
            "{replicas: 0, disruptionBudget: {maxUnavailable: 1}}|0|0|false",
            "{autoscaling: {minReplicas: 1, maxReplicas: 9, targetConnections: 5}}|6|1|false",
            "{disruptionBudget: {maxUnavailable: 4}, autoscaling: {maxReplicas: 9, targetConnections: 5}}|9|4|false",
            "{disruptionBudget: {maxUnavailable: 4}, autoscaling: {maxReplicas: 9, targetConnections: 5}}|3|2|false",
            "{disruptionBudget: {maxUnavailable: 4}, autoscaling: {maxReplicas: 4, targetConnections: 5}}|3|2|true"})
    void oneServerAtLeastIsNotEvicted(String spec, int servers, int evicted, boolean named) {
        ClusterPlan plan = Plans.of(spec);
        assertEquals(evicted,
                ServerDisruptionBudget.of(plan, servers)
                        .map(budget -> budget.getSpec().getMaxUnavailable().getIntVal())
                        .orElse(0));
        assertEquals(named,
                ServerDisruptionBudget.tooLarge(plan)
                        .filter(text -> text.startsWith("spec.disruptionBudget.maxUnavailable: "))
                        .isPresent());
    }

    @Test
    void foreignObjectsAreMadeOnlyWhenAskedFor() {
        assertEquals(Map.of(), ForeignObjects.of(Plans.of("{}")));
        assertEquals(
                List.of(ForeignKind.HTTP_ROUTE, ForeignKind.POD_MONITOR, ForeignKind.PROMETHEUS_RULE,
                        ForeignKind.CERTIFICATE),
                List.copyOf(new TreeMap<>(
                        ForeignObjects.of(Plans.of("{gateway: {parentRefs: [{name: g}], hostnames: [a.b]},"
                                + " monitoring: {podMonitor: true, rules: true}, tls: {issuerRef: {name: i}}}")))
                        .keySet()));
    }

    @Test
    void aWebSocketThroughAGatewayLastsForAsLongAsItLikes() {
        String route = Serialization.asYaml(ForeignObjects
                .of(Plans.of("{api: {publish: true}, gateway: {parentRefs: [{name: g}], hostnames: [a.b]}}"))
                .get(ForeignKind.HTTP_ROUTE));
        assertEquals(1, route.split("timeouts:\n *request: \"0s\"", -1).length - 1, route);
    }

    @Test
    void serversArePulledAsTheSpecSays() {
        assertEquals("Never", server("{imagePullPolicy: Never}").getImagePullPolicy());
        assertNull(server("{}").getImagePullPolicy());
    }

    @Test
    void theVolumeOfRedisOutlivesItsClusterUnlessTheSpecLetsItGo() {
        for (String policy : List.of("retain", "delete")) {
            ClusterPlan plan = Plans.of("{redis: {managed: {storage: {onDelete: " + policy + "}}}}");
            var kept = RedisStatefulSet
                    .of(plan, plan.managedRedis().orElseThrow(), new RedisFacts(true, Optional.empty()))
                    .getSpec()
                    .getPersistentVolumeClaimRetentionPolicy();
            assertEquals(policy + ", retain",
                    (kept.getWhenDeleted() + ", " + kept.getWhenScaled()).toLowerCase(Locale.ROOT));
        }
    }

    @Test
    void redisIsDurableWhereThereIsAStorageClass() {
        ClusterPlan plan = Plans.of("{}");
        RedisFacts with = new RedisFacts(true, Optional.empty());
        RedisFacts without = new RedisFacts(false, Optional.empty());
        assertEquals(1,
                RedisStatefulSet.of(plan, plan.managedRedis().orElseThrow(), with)
                        .getSpec()
                        .getVolumeClaimTemplates()
                        .size());
        assertEquals(0,
                RedisStatefulSet.of(plan, plan.managedRedis().orElseThrow(), without)
                        .getSpec()
                        .getVolumeClaimTemplates()
                        .size());
        // what exists decides, because claims of a StatefulSet can never change
        RedisFacts existing = new RedisFacts(true, Optional.of(List.of()));
        assertFalse(RedisStatefulSet.durable(plan.managedRedis().orElseThrow(), existing));
    }

    @Test
    void redisHasRequestsAMemoryBoundAndAProbeThatKnowsLoading() {
        ClusterPlan plan = Plans.of("{redis: {managed: {resources: {limits: {memory: 128Mi}},"
                + " podTemplate: {metadata: {labels: {a: b}}, spec: {priorityClassName: high,"
                + " tolerations: [{operator: Exists}]}}}}}");
        ManagedRedisSpec redis = plan.managedRedis().orElseThrow();
        RedisFacts facts = new RedisFacts(false, Optional.empty());
        PodTemplateSpec template = RedisStatefulSet.of(plan, redis, facts).getSpec().getTemplate();
        assertEquals("high", template.getSpec().getPriorityClassName());
        assertEquals("Exists", template.getSpec().getTolerations().getFirst().getOperator());
        assertEquals("b", template.getMetadata().getLabels().get("a"));
        assertTrue(template.getSpec().getContainers().getFirst().getReadinessProbe().getExec() != null);
        String configuration = new String(Base64.getDecoder()
                .decode(RedisSecret.of(plan, redis, RedisAccess.of("p", "c"), false).getData().get("redis.conf")),
                StandardCharsets.UTF_8);
        assertTrue(configuration.contains("\nmaxmemory 100663296\n"), configuration);
        ClusterPlan bare = Plans.of("{}");
        assertEquals(new Quantity("64Mi"),
                RedisStatefulSet.of(bare, bare.managedRedis().orElseThrow(), facts)
                        .getSpec()
                        .getTemplate()
                        .getSpec()
                        .getContainers()
                        .getFirst()
                        .getResources()
                        .getRequests()
                        .get("memory"));
    }

    @Test
    void valkeyIsOneSetting() {
        ClusterPlan plan = Plans.of("{redis: {managed: {flavor: valkey}}}");
        Container redis = RedisStatefulSet
                .of(plan, plan.managedRedis().orElseThrow(), new RedisFacts(false, Optional.empty()))
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .getFirst();
        assertEquals("valkey/valkey:8.1", redis.getImage());
        assertEquals(List.of("valkey-server"), redis.getCommand());
    }

    @Test
    void theFileHasEveryAppOnceSortedAndWithTheServersKeys() {
        ClusterPlan plan = Plans.of("{apps: [{id: b, allowedOrigins: ['*.x.y'], pingInterval: 2m, maxConnections: 5,"
                + " acceptClientEventsFrom: none, rateLimiting: {maxAttempts: 9}, cacheTtl: 1h, channelNames: any,"
                + " history: [{channels: 'orders.*', count: 20, age: 1m}],"
                + " maxPresenceMemberSize: 900, maxPresenceUserIdLength: 90,"
                + " webhooks: [{url: 'http://h', events: [channel_occupied], channelPrefix: p},"
                + " {url: 'http://i', events: [connection_opened, connection_closed, connection_pruned],"
                + " channels: ['a-*', b], headers: {Z: z}, headersFrom: {A: {name: s}}}]}, {id: a}]}");
        List<ServedApp> apps = plan.apps()
                .stream()
                .map(app -> new ServedApp(app.id(), new Credentials("k" + app.id(), "s", List.of("old")),
                        app.settings(), List.of(Map.of(), Map.of("A", "from a Secret"))))
                .toList();
        assertEquals("""
            apps:
            - app_id: "a"
              key: "ka"
              secret: "s"
              previous_secrets:
              - "old"
            - app_id: "b"
              key: "kb"
              secret: "s"
              previous_secrets:
              - "old"
              allowed_origins:
              - "*.x.y"
              ping_interval: 120
              max_connections: 5
              accept_client_events_from: "none"
              rate_limiting:
                enabled: true
                max_attempts: 9
              channel_names: "any"
              cache_ttl: 3600
              max_presence_member_size: 900
              max_presence_user_id_length: 90
              history:
              - channels: "orders.*"
                count: 20
                age: 60
              webhooks:
              - url: "http://h"
                events:
                - "channel_occupied"
                channel_prefix: "p"
              - url: "http://i"
                events:
                - "connection_opened"
                - "connection_closed"
                - "connection_pruned"
                channels:
                - "a-*"
                - "b"
                headers:
                  A: "from a Secret"
                  Z: "z"
            """, ConfigSecret.file(apps));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', nullValues = "-", value = {
            "{ingress: {host: ws.example.com, tls: {}}}|wss://ws.example.com",
            "{ingress: {host: ws.example.com}}|ws://ws.example.com",
            "{gateway: {parentRefs: [{name: g}], hostnames: [g.example.com]}}|wss://g.example.com",
            "{gateway: {parentRefs: [{name: g}], hostnames: [g.example.com], tls: false}}|ws://g.example.com",
            "{}|ws://chat.team.svc:8080"})
    void theUrlIsWhereClientsConnect(String spec, String url) {
        assertEquals(url, Plans.of(spec).publicAddress().url());
    }

    @ParameterizedTest
    @CsvSource({"reverb/server:1.2.3,1.2.3", "registry:5000/reverb,latest", "registry:5000/reverb:7,7",
            "reverb@sha256:0123456789abcdef,sha256:0123456789ab"})
    void theVersionIsTheImagesTag(String image, String version) {
        assertEquals(version, Plans.of("{image: '" + image + "'}").version());
    }

    @Test
    void theSecretOfAnAppIsWholeWhenItAppears() {
        ClusterPlan plan = Plans.of("{}");
        Secret secret = AppSecret.created(
                AppSecret.address(AppSecret.metadata(plan, "app"), "app", plan.publicAddress()),
                Credentials.generate());
        assertEquals(Set.of("REVERB_APP_ID", "REVERB_APP_KEY", "REVERB_APP_SECRET", "REVERB_HOST", "REVERB_PORT",
                "REVERB_SCHEME"), secret.getData().keySet());
    }

    @Test
    void theDashboardAndTheAlertsAskForMetersThatServersHave() throws Exception {
        Set<String> documented = names(Files.readString(Path.of("../docs/metrics.md")));
        ClusterPlan plan = Plans.of("{monitoring: {dashboard: true, rules: true}}");
        for (Object asks : List.of(ServerDashboard.of(plan).orElseThrow(), ServerRules.of(plan).orElseThrow())) {
            Set<String> names = names(Serialization.asYaml(asks));
            names.removeAll(documented);
            assertEquals(Set.of(), names);
        }
    }

    /** Every meter's name in a text; those of a histogram's series are its own. */
    private static Set<String> names(String text) {
        return Pattern.compile("\\breverb_[a-z_]+")
                .matcher(text)
                .results()
                .map(MatchResult::group)
                .map(name -> name.replaceAll("_(bucket|count|sum)$", ""))
                .collect(Collectors.toSet());
    }
}
