package dev.reverb.server.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The alert rules for servers, as Prometheus itself reads and evaluates them. */
final class AlertRulesTest {

    private static final Path RULES = Path.of("../dist/monitoring/rules.yml").toAbsolutePath().normalize();
    private static final Path PROMTOOL = Path.of("/usr/bin/promtool");

    @TempDir
    Path folder;

    private static void promtool(String... arguments) throws Exception {
        assertTrue(Files.isExecutable(PROMTOOL), PROMTOOL + " is not there; dev/setup build installs it");
        ProcessBuilder builder = new ProcessBuilder(arguments).redirectErrorStream(true);
        builder.command().addFirst(PROMTOOL.toString());
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
    }

    @Test
    void theRulesAreWhatPrometheusTakes() throws Exception {
        promtool("check", "rules", RULES.toString());
    }

    @Test
    void aWebhookThatTakesNothingAndEventsThatAreLostRaiseAlertsAndOneThatRepeatsNow() throws Exception {
        Path test = Files.writeString(folder.resolve("test.yml"), """
            rule_files: ['%s']
            evaluation_interval: 1m
            tests:
              - interval: 1m
                input_series:
                  - series: 'reverb_webhook_failed_total{job="reverb",instance="a",app="dead",endpoint="0"}'
                    values: '0+1x30'
                  - series: 'reverb_webhook_delivered_total{job="reverb",instance="a",app="dead",endpoint="0"}'
                    values: '7x30'
                  - series: 'reverb_webhook_failed_total{job="reverb",instance="a",app="shaky",endpoint="1"}'
                    values: '0+1x30'
                  - series: 'reverb_webhook_delivered_total{job="reverb",instance="b",app="shaky",endpoint="1"}'
                    values: '0+5x30'
                  - series: 'reverb_webhook_dropped_total{job="reverb",instance="a",app="dead",endpoint="0"}'
                    values: '0x20 3x10'
                  - series: 'reverb_webhook_overflow_total{job="reverb",instance="a"}'
                    values: '0x30'
                alert_rule_test:
                  - alertname: ReverbWebhookFailing
                    eval_time: 5m
                    exp_alerts: []
                  - alertname: ReverbWebhookFailing
                    eval_time: 15m
                    exp_alerts:
                      - exp_labels: {severity: warning, app: dead, endpoint: "0"}
                        exp_annotations:
                          summary: 'The webhook 0 of the application dead takes no event'
                          description: 'the log says what it answers; reverb check --webhooks; docs/webhooks.md'
                  - alertname: ReverbWebhookEventsLost
                    eval_time: 19m
                    exp_alerts: []
                  - alertname: ReverbWebhookEventsLost
                    eval_time: 23m
                    exp_alerts:
                      - exp_labels: {severity: warning, app: dead, endpoint: "0"}
                        exp_annotations:
                          summary: 'Events for webhooks were lost'
                          description: >-
                            an endpoint was away for longer than webhooks.retry_for, or more waited than may
            """.formatted(RULES));
        promtool("test", "rules", test.toString());
    }
}
