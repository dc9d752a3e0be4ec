package dev.reverb.e2e.cluster;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.NonDeletingOperation;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;

/** How a Service is reached from where the tests run. */
final class Reach {
    private Reach() {}

    /**
     * The Service's own address where this machine is a node or routes to it; else, through a Service of type NodePort
     * beside it, the first node's.
     */
    static URI of(KubernetesClient client, String namespace, String name) {
        Service service = client.services().inNamespace(namespace).withName(name).get();
        if (service == null) {
            throw new AssertionError("there is no Service " + namespace + "/" + name);
        }
        int port = service.getSpec().getPorts().getFirst().getPort();
        if (connects(service.getSpec().getClusterIP(), port)) {
            return URI.create("http://" + service.getSpec().getClusterIP() + ":" + port);
        }
        Service exposed = client.services()
                .inNamespace(namespace)
                .resource(new ServiceBuilder().withNewMetadata()
                        .withName(name + "-e2e")
                        .endMetadata()
                        .withNewSpec()
                        .withType("NodePort")
                        .withSelector(service.getSpec().getSelector())
                        .addNewPort()
                        .withPort(port)
                        .withTargetPort(service.getSpec().getPorts().getFirst().getTargetPort())
                        .endPort()
                        .endSpec()
                        .build())
                .createOr(NonDeletingOperation::update);
        String node = client.nodes()
                .list()
                .getItems()
                .getFirst()
                .getStatus()
                .getAddresses()
                .stream()
                .filter(address -> address.getType().equals("InternalIP"))
                .findFirst()
                .orElseThrow()
                .getAddress();
        return URI.create("http://" + node + ":" + exposed.getSpec().getPorts().getFirst().getNodePort());
    }

    private static boolean connects(String host, int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), 2000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
