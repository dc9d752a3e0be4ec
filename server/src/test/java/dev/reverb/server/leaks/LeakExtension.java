package dev.reverb.server.leaks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.buffer.PooledByteBufAllocator;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.util.List;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test class when a buffer was found leaked while it ran, by this class or an earlier one; the last class of a
 * run also answers for what a collection then finds. Registered for all classes by the service loader.
 */
public final class LeakExtension implements BeforeAllCallback, AfterAllCallback {

    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(LeakExtension.class);

    @Override
    public void beforeAll(ExtensionContext context) {
        context.getRoot()
                .getStore(NAMESPACE)
                .computeIfAbsent(LeakExtension.class, key -> (AutoCloseable) LeakExtension::atEnd);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        assertEquals(List.of(), RecordingLeakDetector.take(), "leaked buffers");
    }

    private static void atEnd() throws InterruptedException {
        awaitCollection();
        // the detector reports when the next buffer is followed
        PooledByteBufAllocator.DEFAULT.directBuffer(16).release();
        List<String> leaks = RecordingLeakDetector.take();
        if (!leaks.isEmpty()) {
            System.err.println("leaked buffers: " + leaks);
            Runtime.getRuntime().halt(1); // a failure after the last test is not counted by anybody
        }
    }

    /** Returns when everything that nothing refers to has been found, or after 10 s. */
    private static void awaitCollection() throws InterruptedException {
        ReferenceQueue<Object> collected = new ReferenceQueue<>();
        for (int round = 0; round < 2; round++) {
            var sentinel = new PhantomReference<>(new Object(), collected);
            System.gc();
            collected.remove(5_000);
            sentinel.clear();
        }
    }
}
