package dev.reverb.operator;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.crd.ReverbApp;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import org.junit.jupiter.api.Test;

class ReverbOperatorTest {
    private static ReverbApp app(String uid, String version) {
        ReverbApp app = new ReverbApp();
        app.setMetadata(new ObjectMetaBuilder().withNamespace("a")
                .withName("shop")
                .withUid(uid)
                .withGeneration(1L)
                .withResourceVersion(version)
                .build());
        return app;
    }

    /** A watch with a gap in between says of the two that one was changed. */
    @Test
    void anotherResourceOfTheSameNameIsAChange() {
        assertFalse(ReverbOperator.matters(app("1", "1"), app("1", "2")));
        assertTrue(ReverbOperator.matters(app("1", "1"), app("2", "2")));
    }
}
