package dev.reverb.server.leaks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LeakDetectionTest {

    /** Otherwise no leak would ever fail a test. */
    @Test
    void aLeakedBufferIsFound() {
        assertEquals(ResourceLeakDetector.Level.PARANOID, ResourceLeakDetector.getLevel());
        List<String> found = new ArrayList<>();
        for (int i = 0; i < 1_000 && found.isEmpty(); i++) {
            PooledByteBufAllocator.DEFAULT.directBuffer(16).writeInt(i);
            System.gc();
            found.addAll(RecordingLeakDetector.take());
        }
        assertFalse(found.isEmpty());
        assertTrue(found.getFirst().contains("LeakDetectionTest"), found.getFirst());
    }
}
