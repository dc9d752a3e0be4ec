package dev.reverb.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.ServiceBuilder;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What the tests' API server must have room for. */
final class ApiServerTest {
    @Test
    void everyTestOfAJvmFindsAddressesForItsServices() {
        String namespace = ApiServer.namespace();
        assertEquals(300,
                IntStream.range(0, 300)
                        .mapToObj(i -> ApiServer.client()
                                .resource(new ServiceBuilder().withNewMetadata()
                                        .withName("s" + i)
                                        .withNamespace(namespace)
                                        .endMetadata()
                                        .withNewSpec()
                                        .addNewPort()
                                        .withPort(80)
                                        .endPort()
                                        .endSpec()
                                        .build())
                                .create()
                                .getSpec()
                                .getClusterIP())
                        .distinct()
                        .count());
    }
}
