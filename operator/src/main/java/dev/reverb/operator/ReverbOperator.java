package dev.reverb.operator;

import dev.reverb.operator.health.HealthEndpoint;
import dev.reverb.operator.health.Heartbeat;
import dev.reverb.operator.health.InformerHealth;
import dev.reverb.operator.health.OperatorMeters;
import dev.reverb.operator.observe.ServerStatusReader;
import dev.reverb.operator.plan.Labels;
import dev.reverb.operator.reconcile.AppReconciler;
import dev.reverb.operator.reconcile.ClusterReconciler;
import dev.reverb.operator.reconcile.ResourceChange;
import dev.reverb.operator.report.ConditionMeters;
import dev.reverb.operator.report.ForeignOwners;
import dev.reverb.operator.report.app.ServedApps;
import dev.reverb.operator.settings.OperatorSettings;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.config.ConfigurationServiceOverrider;
import io.javaoperatorsdk.operator.api.config.ControllerConfigurationOverrider;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfigurationBuilder;
import io.javaoperatorsdk.operator.api.monitoring.AggregatedMetrics;
import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One running operator. Not safe for use by several threads; its controllers run on threads of their own. */
public final class ReverbOperator implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReverbOperator.class);
    private static final Duration STOP = Duration.ofSeconds(10);
    /** For how long reconciles may leave no thread free before a restart is the only help. */
    private static final Duration STUCK = Duration.ofMinutes(5);
    /** How long a start waits for a namespace that cannot be listed; it is tried again for ever after. */
    private static final Duration SYNC = Duration.ofSeconds(20);
    private static final int THREADS = 50;
    private static final AtomicInteger INSTANCES = new AtomicInteger();

    private final Operator operator;
    private final ServerStatusReader reader;
    private final HealthEndpoint health;
    private final AtomicBoolean stopping;
    private final Runnable release;

    private ReverbOperator(Operator operator, ServerStatusReader reader, HealthEndpoint health, AtomicBoolean stopping,
            Runnable release) {
        this.operator = operator;
        this.reader = reader;
        this.health = health;
        this.stopping = stopping;
        this.release = release;
    }

    /**
     * Starts the controllers. With leader election it returns when this operator leads; health is served before that.
     *
     * @throws IOException when the management port is taken
     */
    public static ReverbOperator start(KubernetesClient client, OperatorSettings settings) throws IOException {
        OperatorMeters meters = new OperatorMeters();
        ServerStatusReader reader = new ServerStatusReader();
        AtomicBoolean stopping = new AtomicBoolean();
        ExecutorService threads = Executors.newFixedThreadPool(THREADS,
                Thread.ofPlatform().daemon().name("reconcile-", 0).factory());
        String identity = Objects.requireNonNullElse(System.getenv("HOSTNAME"), "reverb-operator") + "-"
                + ProcessHandle.current().pid() + "-" + INSTANCES.incrementAndGet();
        Operator operator = new Operator(
                overrider -> configure(overrider, client, settings, meters, threads, stopping, identity));
        Clock clock = Clock.systemUTC();
        ServedApps served = new ServedApps();
        ConditionMeters conditions = new ConditionMeters();
        ForeignOwners foreign = new ForeignOwners();
        operator.register(new ClusterReconciler(client, settings, reader, served, conditions, foreign, clock),
                controller -> restrict(controller, settings));
        operator.register(new AppReconciler(client, settings, served, conditions, clock),
                controller -> restrict(controller, settings));
        AtomicBoolean started = new AtomicBoolean();
        InformerHealth informers = new InformerHealth(operator::getRuntimeInfo);
        Heartbeat heartbeat = new Heartbeat(threads, STUCK, System::nanoTime);
        // asked itself, the operator answers only once it has started, however long the API server is away
        HealthEndpoint health = new HealthEndpoint(settings.managementPort(), heartbeat::beats,
                () -> started.get() ? informers.synced() && foreign.none() : settings.leaderElection(),
                () -> started.get() ? foreign.detail() + informers.detail() : "",
                () -> meters.exposition() + conditions.exposition() + foreign.exposition()
                        + (started.get() ? informers.exposition() : ""));
        try {
            operator.start();
            started.set(true);
        } catch (RuntimeException e) {
            health.close();
            reader.close();
            threads.shutdownNow();
            throw e;
        }
        LOG.info("watching {}", settings.namespaces().isEmpty() ? "all namespaces" : settings.namespaces());
        Runnable release = settings.leaderElection()
                ? () -> LeaderLease.release(client, settings.namespace(), Labels.OPERATOR, identity)
                : () -> {};
        return new ReverbOperator(operator, reader, health, stopping, release);
    }

    /** Where health and metrics are served. */
    public InetSocketAddress managementAddress() {
        return health.address();
    }

    /** Finishes reconciles that run, for ten seconds at most, and gives the lease back. */
    @Override
    public void close() {
        stopping.set(true);
        operator.stop();
        release.run();
        health.close();
        reader.close();
    }

    private static void configure(ConfigurationServiceOverrider overrider, KubernetesClient client,
            OperatorSettings settings, OperatorMeters meters, ExecutorService threads, AtomicBoolean stopping,
            String identity) {
        overrider.withKubernetesClient(client)
                .withMetrics(new AggregatedMetrics(List.of(meters, new Successors())))
                .withExecutorService(threads)
                .withResourceCloner(new ResourceCloner(client))
                .withCacheSyncTimeout(SYNC)
                .withInformerStoppedHandler((informer, cause) -> stopped(informer, cause, stopping))
                .withCloseClientOnStop(false)
                .withReconciliationTerminationTimeout(STOP)
                // a namespace without permission, or an API server away for a while, must not stop the others
                .withStopOnInformerErrorDuringStartup(false)
                .withUseSSAToPatchPrimaryResource(true);
        if (settings.leaderElection()) {
            overrider.withLeaderElectionConfiguration(
                    LeaderElectionConfigurationBuilder.aLeaderElectionConfiguration(Labels.OPERATOR)
                            .withLeaseNamespace(settings.namespace())
                            .withIdentity(identity)
                            .withExitOnStopLeading(false)
                            .withLeaderCallbacks(new LeaderCallbacks(() -> LOG.info("leading"), () -> lost(stopping),
                                    leader -> LOG.info("{} leads", leader)))
                            .build());
        }
    }

    /** One kind of one namespace is no longer seen; readiness says so, and everything else goes on. */
    private static void stopped(SharedIndexInformer<?> informer, @Nullable Throwable cause, AtomicBoolean stopping) {
        if (!stopping.get() && cause != null) {
            LOG.error("the watch over {} ended and is not taken up again: restart the operator once the cause is gone",
                    informer.getApiTypeClass().getSimpleName(), cause);
        }
    }

    /** Another operator may lead now, so this one must not act any more: the process ends and starts as a follower. */
    private static void lost(AtomicBoolean stopping) {
        if (!stopping.get()) {
            LOG.error("lost the lease; ending so that only one operator acts");
            Runtime.getRuntime().halt(1);
        }
    }

    private static <R extends HasMetadata> void restrict(ControllerConfigurationOverrider<R> controller,
            OperatorSettings settings) {
        controller.withFieldManager(Labels.OPERATOR)
                .withRetry(new GenericRetry().setInitialInterval(500)
                        .setIntervalMultiplier(2)
                        .setMaxInterval(30_000)
                        .setMaxAttempts(Integer.MAX_VALUE));
        controller.withOnUpdateFilter((after, before) -> matters(before, after));
        if (!settings.namespaces().isEmpty()) {
            controller.settingNamespaces(settings.namespaces());
        }
    }

    /** Everything but the status, which the operator writes itself. */
    static boolean matters(HasMetadata before, HasMetadata after) {
        return ResourceChange.between(before, after)
                || !Objects.equals(before.getMetadata().getLabels(), after.getMetadata().getLabels())
                || !Objects.equals(before.getMetadata().getFinalizers(), after.getMetadata().getFinalizers());
    }
}
