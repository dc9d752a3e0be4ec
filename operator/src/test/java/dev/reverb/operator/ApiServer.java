package dev.reverb.operator;

import dev.reverb.crd.ReverbApp;
import dev.reverb.crd.ReverbCluster;
import dev.reverb.testkit.Await;
import io.fabric8.kubeapitest.KubeAPIServer;
import io.fabric8.kubeapitest.KubeAPIServerConfigBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.ServiceCIDRBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A real API server with a real etcd, one for all tests of a JVM, with the resources of this project installed. No
 * controllers run in it: tests play the StatefulSet controller and the kubelet. The binaries are those of
 * {@code dev/kube}, or what the harness downloads where those were never built.
 */
public final class ApiServer {
    private static final String VERSION = "1.34.4";
    private static final Duration PATIENCE = Duration.ofSeconds(150);
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static @Nullable KubernetesClient client;

    private ApiServer() {}

    /** A client with all rights; the server is started when nobody has yet. */
    public static synchronized KubernetesClient client() {
        KubernetesClient started = client;
        if (started == null) {
            started = start();
            client = started;
        }
        return started;
    }

    private static KubernetesClient start() {
        Path folder = Path.of("target/kube-api-test").toAbsolutePath();
        link(folder.resolve("k8s").resolve(VERSION + "-linux-amd64"));
        KubeAPIServer server = new KubeAPIServer(KubeAPIServerConfigBuilder.anAPIServerConfig()
                .withTestDir(folder.toString())
                .withApiServerVersion(VERSION)
                .withUpdateKubeConfig(false)
                .withStartupTimeout(180_000)
                .withApiServerFlag("--advertise-address", "192.0.2.1")
                .build());
        server.start();
        KubernetesClient started = new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(server.getKubeConfigYaml()))
                .build();
        Runtime.getRuntime().addShutdownHook(new Thread(server::stop));
        install(started);
        // no controller ends the Services of a namespace that a test is done with, and the harness has addresses for 254
        started.resource(new ServiceCIDRBuilder().withNewMetadata()
                .withName("tests")
                .endMetadata()
                .withNewSpec()
                .withCidrs("10.1.0.0/16")
                .endSpec()
                .build()).create();
        return started;
    }

    /** Writes the resources' definitions as they are shipped, whatever a test made of them. */
    public static void install() {
        install(client());
    }

    private static void install(KubernetesClient started) {
        for (String kind : new String[]{"reverbclusters", "reverbapps"}) {
            started.load(read(Path.of("../crds/manifests", kind + ".reverb.dev.yaml")))
                    .forceConflicts()
                    .serverSideApply();
        }
        await("the resources are served", () -> started.supports("reverb.dev/v1", "ReverbApp")
                && started.supports("reverb.dev/v1", "ReverbCluster"));
    }

    private static InputStream read(Path file) {
        try {
            return Files.newInputStream(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The harness looks for its binaries by version; the local node's serve. */
    private static void link(Path folder) {
        String named = System.getenv("KUBE_NODE_BIN");
        Path built = named == null ? Path.of(System.getProperty("user.home"), ".cache/kube-node/bin") : Path.of(named);
        try {
            for (String binary : new String[]{"etcd", "kube-apiserver", "kubectl"}) {
                if (Files.isExecutable(built.resolve(binary)) && !Files.exists(folder.resolve(binary))) {
                    Files.createDirectories(folder);
                    Files.createSymbolicLink(folder.resolve(binary), built.resolve(binary));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A new namespace. */
    public static String namespace() {
        String name = "test-" + NUMBER.incrementAndGet();
        client().namespaces()
                .resource(new NamespaceBuilder().withNewMetadata().withName(name).endMetadata().build())
                .create();
        return name;
    }

    /** Ends all resources that tests left, for an operator that watches all namespaces and would act on them. */
    public static void endAll() {
        end(ReverbApp.class);
        end(ReverbCluster.class);
    }

    private static <T extends HasMetadata> void end(Class<T> kind) {
        for (T left : client().resources(kind).inAnyNamespace().list().getItems()) {
            Resource<T> resource = client().resources(kind)
                    .inNamespace(left.getMetadata().getNamespace())
                    .withName(left.getMetadata().getName());
            try {
                resource.delete();
                if (resource.get() != null) {
                    resource.patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\":{\"finalizers\":null}}");
                }
            } catch (KubernetesClientException _) {
                // it is gone, or a test had the API server refuse to change it
            }
        }
    }

    /** Edits a resource that others write too: again, from what there is then, when one of them was faster. */
    public static <T> void edit(Resource<T> resource, UnaryOperator<T> change) {
        await("it is edited", () -> {
            try {
                return resource.edit(change);
            } catch (KubernetesClientException e) {
                if (e.getCode() == 409) {
                    return null;
                }
                throw e;
            }
        });
    }

    /** Waits until {@code condition} holds, for two and a half minutes at most: test machines are slow. */
    public static void await(String what, BooleanSupplier condition) {
        await(what, () -> condition.getAsBoolean() ? Boolean.TRUE : null);
    }

    /** Waits until {@code value} is not null, for two and a half minutes at most: test machines are slow. */
    public static <T> T await(String what, Supplier<@Nullable T> value) {
        return Await.value(what, PATIENCE, value);
    }
}
