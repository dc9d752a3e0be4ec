package dev.reverb.operator.act;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.operator.plan.Labels;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class MountRefreshTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private final MountRefresh mounts = new MountRefresh();

    private static Pod pod(String annotation, boolean ready) {
        return new PodBuilder().withNewMetadata()
                .withUid("u")
                .addToAnnotations(Labels.CONFIG, annotation)
                .endMetadata()
                .withNewStatus()
                .addNewCondition()
                .withType("Ready")
                .withStatus(ready ? "True" : "False")
                .endCondition()
                .endStatus()
                .build();
    }

    @Test
    void aChangedConfigurationIsToldAtOnceAndTwiceMore() {
        assertEquals("new", mounts.value(pod("old", true), "new", START));
        assertEquals("new", mounts.value(pod("new", true), "new", START.plusMillis(1900)));
        assertTrue(mounts.pending(List.of(pod("new", true))));
        assertEquals("new.1", mounts.value(pod("new", true), "new", START.plusSeconds(2)));
        assertEquals("new.1", mounts.value(pod("new.1", true), "new", START.plusSeconds(4)));
        assertEquals("new.2", mounts.value(pod("new.1", true), "new", START.plusSeconds(5)));
        assertFalse(mounts.pending(List.of(pod("new.2", true))));
        assertEquals("new.2", mounts.value(pod("new.2", true), "new", START.plusSeconds(60)));
    }

    @Test
    void aServerThatStartsIsToldOnce() {
        assertEquals("new", mounts.value(pod("", false), "new", START));
        assertFalse(mounts.pending(List.of(pod("new", false))));
        assertEquals("new", mounts.value(pod("new", true), "new", START.plusSeconds(9)));
    }

    @Test
    void whatAnEarlierOperatorToldIsNotToldAgain() {
        assertEquals("new", mounts.value(pod("new", true), "new", START));
        assertEquals("new.2", mounts.value(pod("new.2", true), "new", START));
    }

    @Test
    void aServerThatIsGoneIsNotWaitedFor() {
        mounts.value(pod("old", true), "new", START);
        assertFalse(mounts.pending(List.of()));
    }
}
