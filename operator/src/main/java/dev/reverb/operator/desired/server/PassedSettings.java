package dev.reverb.operator.desired.server;

import dev.reverb.crd.LimitsSpec;
import dev.reverb.crd.LogSpec;
import dev.reverb.crd.RebalanceSpec;
import dev.reverb.crd.ReverbClusterSpec;
import dev.reverb.crd.ScalingSpec;
import dev.reverb.crd.ServerSpec;
import dev.reverb.crd.WebhookDeliverySpec;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Durations;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Settings of servers that the spec has and the operator passes on as they are. What is not written is left out, so
 * that it is the server's default, and an operator that knows one more setting rolls nobody.
 */
final class PassedSettings {
    private final List<EnvVar> env = new ArrayList<>();

    private PassedSettings() {}

    static List<EnvVar> of(ClusterPlan plan) {
        PassedSettings settings = new PassedSettings();
        ReverbClusterSpec spec = plan.spec();
        plan.rebalance().ifPresent(settings::rebalance);
        if (spec.limits() != null) {
            settings.limits(spec.limits());
        }
        if (spec.server() != null) {
            settings.server(spec.server());
        }
        if (spec.webhooks() != null) {
            settings.webhooks(spec.webhooks());
        }
        if (spec.scaling() != null) {
            settings.scaling(spec.scaling());
        }
        LogSpec log = spec.log();
        settings.text("REVERB_LOG_FORMAT", log == null || log.format() == null ? null : log.format().value());
        return settings.env;
    }

    private void rebalance(RebalanceSpec rebalance) {
        text("REVERB_REBALANCE_ENABLED", "true");
        value("REVERB_REBALANCE_TOLERANCE_PERCENT", rebalance.tolerancePercent());
        value("REVERB_REBALANCE_CLOSES_PER_SECOND", rebalance.closesPerSecond());
    }

    private void limits(LimitsSpec limits) {
        value("REVERB_MAX_HEADER_SIZE", limits.maxHeaderSize());
        time("REVERB_REQUEST_TIMEOUT", limits.requestTimeout());
        time("REVERB_KEEP_ALIVE_TIMEOUT", limits.keepAliveTimeout());
        value("REVERB_OUTBOUND_BUFFER", limits.outboundBuffer());
        time("REVERB_OUTBOUND_AGE", limits.outboundAge());
        value("REVERB_MAX_CONNECTIONS", limits.maxConnections());
        value("REVERB_MAX_CONNECTIONS_PER_ADDRESS", limits.maxConnectionsPerAddress());
        value("REVERB_HANDSHAKES_PER_SECOND_PER_ADDRESS", limits.handshakesPerSecondPerAddress());
        value("REVERB_MAX_SUBSCRIPTIONS", limits.maxSubscriptions());
        value("REVERB_MAX_CHANNELS_PER_EVENT", limits.maxChannelsPerEvent());
        value("REVERB_MAX_BATCH_SIZE", limits.maxBatchSize());
        value("REVERB_MAX_EVENT_NAME_LENGTH", limits.maxEventNameLength());
        value("REVERB_CLIENT_EVENT_RATE", limits.clientEventRate());
        time("REVERB_RESPONSE_TIMEOUT", limits.responseTimeout());
        time("REVERB_IDEMPOTENCY_WINDOW", limits.idempotencyWindow());
        value("REVERB_REQUEST_MEMORY", limits.requestMemory());
        value("REVERB_HISTORY_MEMORY", limits.historyMemory());
        value("REVERB_HISTORY_MEMORY_PER_APP", limits.historyMemoryPerApp());
    }

    private void server(ServerSpec server) {
        value("REVERB_MAX_REQUEST_SIZE", server.maxRequestSize());
        time("REVERB_SIGNATURE_TOLERANCE", server.signatureTolerance());
        text("REVERB_TRUSTED_PROXIES",
                server.trustedProxies() == null ? null : String.join(",", server.trustedProxies()));
        time("REVERB_APP_REMOVAL_GRACE", server.appRemovalGrace());
    }

    private void webhooks(WebhookDeliverySpec webhooks) {
        value("REVERB_WEBHOOKS_ALLOW_PRIVATE", webhooks.allowPrivate());
        time("REVERB_WEBHOOKS_TIMEOUT", webhooks.timeout());
        time("REVERB_WEBHOOKS_RETRY_FOR", webhooks.retryFor());
        value("REVERB_WEBHOOKS_BATCH_SIZE", webhooks.batchSize());
        value("REVERB_WEBHOOKS_QUEUE_SIZE", webhooks.queueSize());
    }

    private void scaling(ScalingSpec scaling) {
        time("REVERB_SCALING_LEASE", scaling.lease());
        time("REVERB_SCALING_RETENTION", scaling.retention());
        text("REVERB_SCALING_WHEN_DOWN", scaling.whenDown() == null ? null : scaling.whenDown().value());
        value("REVERB_SCALING_READY_WHEN_DOWN", scaling.readyWhenDown());
    }

    private void time(String name, @Nullable String duration) {
        text(name, duration == null ? null : Durations.seconds(Durations.of(duration, Duration.ZERO)));
    }

    private void value(String name, @Nullable Object value) {
        text(name, value == null ? null : value.toString());
    }

    private void text(String name, @Nullable String value) {
        if (value != null) {
            env.add(new EnvVarBuilder().withName(name).withValue(value).build());
        }
    }
}
