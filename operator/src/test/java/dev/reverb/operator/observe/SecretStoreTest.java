package dev.reverb.operator.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SecretStoreTest {
    private static Secret secret(String name, String type, int bytes) {
        return new SecretBuilder().withNewMetadata()
                .withName(name)
                .withNamespace("other")
                .withResourceVersion("7")
                .addToAnnotations("a", "b")
                .endMetadata()
                .withType(type)
                .withData(Map.of("data", Base64.getEncoder().encodeToString(new byte[bytes])))
                .build();
    }

    @Test
    void smallOnesAreKeptWholeAndOthersByNameAlone() {
        Secret small = secret("small", "Opaque", 1_000);
        assertSame(small, SecretStore.stored(small));
        for (Secret left : new Secret[]{secret("large", "Opaque", 100_000),
                secret("release", "helm.sh/release.v1", 10)}) {
            Secret stored = SecretStore.stored(left);
            assertTrue(stored.getData() == null || stored.getData().isEmpty());
            assertEquals("7", stored.getMetadata().getResourceVersion());
            assertNotNull(left.getData());
        }
    }

    @Test
    void twoThousandLargeSecretsTakeAFractionOfTheirSize() {
        ItemStore<Secret> store = SecretStore.create();
        System.gc();
        long before = used();
        for (int i = 0; i < 2_000; i++) {
            Secret secret = secret("s" + i, "Opaque", 100_000);
            store.put(store.getKey(secret), secret);
        }
        System.gc();
        long kept = used() - before;
        assertEquals(2_000, store.size());
        assertTrue(kept < 20_000_000, () -> kept + " bytes are kept of 200 MB");
    }

    private static long used() {
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
