package dev.reverb.server.leaks;

import io.netty.util.ResourceLeakDetector;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Netty's leak detector, whose findings fail the tests. Installed by the system property
 * {@code io.netty.customResourceLeakDetector}, at the level paranoid: every buffer is followed.
 */
public final class RecordingLeakDetector<T> extends ResourceLeakDetector<T> {

    private static final List<String> LEAKS = new CopyOnWriteArrayList<>();

    /** Called by Netty, by reflection. */
    @SuppressWarnings("deprecation")
    public RecordingLeakDetector(Class<?> resourceType, int samplingInterval, long maxActive) {
        super(resourceType, samplingInterval, maxActive);
    }

    /** Called by Netty, by reflection. */
    public RecordingLeakDetector(Class<?> resourceType, int samplingInterval) {
        super(resourceType, samplingInterval);
    }

    /** What was found since the last call: type and where each buffer was touched. Any thread. */
    static List<String> take() {
        List<String> found = List.copyOf(LEAKS);
        LEAKS.removeAll(found);
        return found;
    }

    @Override
    protected boolean needReport() {
        return true;
    }

    @Override
    protected void reportTracedLeak(String resourceType, String records) {
        LEAKS.add(resourceType + " was collected before release() was called:" + records);
    }

    @Override
    protected void reportUntracedLeak(String resourceType) {
        LEAKS.add(resourceType + " was collected before release() was called");
    }
}
