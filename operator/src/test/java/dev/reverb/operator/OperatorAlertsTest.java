package dev.reverb.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the operator measures, what is documented, and what alerts ask for, are the same names. */
class OperatorAlertsTest {
    private static final Path RULES = Path.of("../dist/monitoring/operator-rules.yml");
    private static final Path PROMTOOL = Path.of("/usr/bin/promtool");
    private static final Pattern NAME = Pattern.compile("\\breverb_operator_[a-z_]+");
    private Harness harness;

    @BeforeEach
    void start() {
        harness = new Harness();
    }

    @AfterEach
    void stop() {
        harness.close();
    }

    private String get(String path) {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(HttpRequest
                    .newBuilder(
                            URI.create("http://127.0.0.1:" + harness.operator().managementAddress().getPort() + path))
                    .build(), HttpResponse.BodyHandlers.ofString()).body();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static Set<String> names(String text) {
        return NAME.matcher(text).results().map(found -> found.group()).collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void aRollThatFailsASpecThatIsRefusedAndAnAppThatWaitsAreMeasured() {
        try (Kubelet kubelet = new Kubelet(harness.namespace, "chat")) {
            kubelet.failingImages.put("r:bad", "ImagePullBackOff");
            String quick = "replicas: 2, rollout: {settleTimeout: 0s, progressDeadline: 2s, onFailure: revert}";
            harness.apply("chat", "{image: 'r:1', " + quick + "}");
            kubelet.run();
            harness.awaitCondition("chat", "Progressing", "False", "Stable");
            ApiServer.await("it is counted as ready", () -> get("/metrics")
                    .contains("reverb_operator_resources{kind=\"ReverbCluster\",ready=\"true\"} 1"));
            harness.apply("chat", "{image: 'r:bad', " + quick + "}");
            String labels = "{kind=\"ReverbCluster\",namespace=\"" + harness.namespace
                    + "\",name=\"%s\",condition=\"%s\"," + "reason=\"%s\"} 1";
            ApiServer.await("the failed roll is measured", () -> get("/metrics")
                    .contains("reverb_operator_condition" + labels.formatted("chat", "Stalled", "RollReverted")));
            assertTrue(get("/metrics").contains("reverb_operator_roll_reverts_total 1"), get("/metrics"));
        }
        harness.apply("wrong", "{podTemplate: {spec: {containers: 5}}}");
        ApiServer.await("the refused spec is measured",
                () -> get("/metrics").matches("(?s).*name=\"wrong\",condition=\"Stalled\",reason=\"InvalidSpec\".*"));
        harness.applyYaml("""
            apiVersion: reverb.dev/v1
            kind: ReverbApp
            metadata: {name: shop, namespace: %s}
            spec: {clusterRef: {name: nowhere}}
            """.formatted(harness.namespace));
        ApiServer.await("the app is measured",
                () -> get("/metrics").contains("name=\"shop\",condition=\"Ready\",reason=\"ClusterMissing\"} 1"));
        harness.client.resource(harness.cluster("wrong")).delete();
        ApiServer.await("what is gone is measured no more", () -> !get("/metrics").contains("name=\"wrong\""));
    }

    @Test
    void alertsAskForDocumentedMetersThatTheOperatorHas() throws IOException {
        harness.apply("chat", "{}");
        ApiServer.await("a reconcile", () -> get("/metrics").contains("reverb_operator_resources{"));
        Set<String> measured = names(get("/metrics"));
        assertEquals(measured, names(Files.readString(Path.of("../docs/operator.md"))));
        Set<String> asked = names(Files.readString(RULES));
        assertTrue(asked.size() >= 4, asked::toString);
        asked.removeAll(measured);
        assertEquals(Set.of(), asked);
    }

    @Test
    void theRulesAreWhatPrometheusTakes() throws Exception {
        assertTrue(Files.isExecutable(PROMTOOL), PROMTOOL + " is not there; dev/setup build installs it");
        Process check = new ProcessBuilder(PROMTOOL.toString(), "check", "rules", RULES.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, check.waitFor(), said);
    }
}
