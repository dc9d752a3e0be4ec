package dev.reverb.operator.desired.monitoring;

import dev.reverb.crd.MonitoringSpec;
import dev.reverb.operator.desired.ForeignObject;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.ForeignKind;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A PrometheusRule with the alerts that somebody should be woken for, and some that may wait. */
public final class ServerRules {
    private ServerRules() {}

    public static Optional<GenericKubernetesResource> of(ClusterPlan plan) {
        MonitoringSpec monitoring = plan.spec().monitoring();
        if (monitoring == null || !Boolean.TRUE.equals(monitoring.rules())) {
            return Optional.empty();
        }
        String of = "{namespace=\"" + plan.namespace() + "\",pod=~\"" + plan.names().server() + "-[0-9]+\"";
        List<Map<String, Object>> rules = List.of(
                alert("ReverbDown", "absent(reverb_sockets" + of + "})", "2m", "critical",
                        "no server of the cluster is being measured"),
                alert("ReverbAbnormalCloses",
                        "sum(rate(reverb_connections_closed_total" + of + ",code=\"1006\"}[5m])) > 0.05 *"
                                + " sum(rate(reverb_connections_closed_total" + of + "}[5m])) + 1",
                        "10m", "warning", "more than one in twenty connections ends without a close frame"),
                alert("ReverbDrainCut", "increase(reverb_drain_cut_total" + of + "}[10m]) > 0", "0m", "warning",
                        "a drain cut connections at its deadline: raise spec.drain.duration or closesPerSecond"),
                alert("ReverbSlowReaders", "sum(rate(reverb_slow_readers_total" + of + "}[5m])) > 1", "10m", "warning",
                        "connections are closed because they read too slowly"),
                alert("ReverbLoopLag", "max(reverb_loop_lag_seconds" + of + "}) > 0.5", "5m", "warning",
                        "an event loop is half a second late: the servers have too little CPU"),
                alert("ReverbRedisNotReached", "min(reverb_redis_connected" + of + "}) == 0", "2m", "critical",
                        "a server works on what it knows, because it does not reach Redis"),
                alert("ReverbPublicationsRefused", "sum(rate(reverb_scaling_refused_total" + of + "}[5m])) > 0", "5m",
                        "warning", "publications are answered with 503: Redis is away, or subscribers do not keep up"),
                alert("ReverbWebhookFailing",
                        "(sum by (app, endpoint) (rate(reverb_webhook_failed_total" + of + "}[5m])) > 0) unless"
                                + " (sum by (app, endpoint) (rate(reverb_webhook_delivered_total" + of + "}[5m])) > 0)",
                        "10m", "warning", "a webhook takes no event: the servers' log says what it answers"),
                alert("ReverbWebhookEventsLost",
                        "(sum by (app, endpoint) (increase(reverb_webhook_dropped_total" + of + "}[10m])) > 0) or"
                                + " (sum(increase(reverb_webhook_overflow_total" + of + "}[10m])) > 0)",
                        "0m", "warning", "events for webhooks were lost: an endpoint was away for too long"),
                alert("ReverbSettingsStale", "max(reverb_settings_stale" + of + "}) > 0", "5m", "warning",
                        "a server was given settings that are wrong and goes on with those before"),
                alert("ReverbCertificateEnds",
                        "min(reverb_certificate_expires_seconds" + of + "} > 0) - time() < 3 * 24 * 3600", "1h",
                        "warning", "the certificate that a server uses ends within three days"));
        return Optional.of(ForeignObject.make(ForeignKind.PROMETHEUS_RULE, plan,
                Map.of("groups",
                        List.of(Map.of("name", "reverb-" + plan.namespace() + "-" + plan.name(), "rules", rules))),
                monitoring.labels()));
    }

    private static Map<String, Object> alert(String name, String expression, String lasting, String severity,
            String summary) {
        return Map.of("alert", name, "expr", expression, "for", lasting, "labels", Map.of("severity", severity),
                "annotations", Map.of("summary", summary));
    }
}
