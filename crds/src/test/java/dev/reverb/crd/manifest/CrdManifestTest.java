package dev.reverb.crd.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverb.crd.ReverbApp;
import dev.reverb.crd.ReverbCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class CrdManifestTest {
    @Test
    void theCheckedInManifestOfReverbClusterIsWhatTheModelGenerates() throws IOException {
        assertCurrent("reverbclusters.reverb.dev", ReverbCluster.class);
    }

    @Test
    void theCheckedInManifestOfReverbAppIsWhatTheModelGenerates() throws IOException {
        assertCurrent("reverbapps.reverb.dev", ReverbApp.class);
    }

    private static void assertCurrent(String name, Class<?> kind) throws IOException {
        String generated = Files.readString(Path.of("target/crd-generator", name + "-v1.yml"));
        assertEquals(CrdManifest.shipped(generated, kind), Files.readString(Path.of("manifests", name + ".yaml")),
                "crds/manifests is stale: run ./mvnw -pl crds process-classes -Dcrds.output=crds/manifests");
    }
}
