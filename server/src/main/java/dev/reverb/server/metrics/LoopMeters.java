package dev.reverb.server.metrics;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Counters of one event loop. Only that loop writes; the writes are opaque, so that a scrape on another thread reads
 * whole, if slightly old, values and the loop pays no fence.
 */
@SuppressWarnings("UnusedVariable") // read through the handles
public final class LoopMeters {

    /** Upper bounds of the latency buckets, nanoseconds; one more bucket is for all above. */
    private static final long[] BOUNDS = {100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000,
            25_000_000, 50_000_000, 100_000_000, 250_000_000, 500_000_000, 1_000_000_000, 2_500_000_000L};

    private static final VarHandle MESSAGES_IN = handle("messagesIn");
    private static final VarHandle BYTES_IN = handle("bytesIn");
    private static final VarHandle MESSAGES_OUT = handle("messagesOut");
    private static final VarHandle BYTES_OUT = handle("bytesOut");
    private static final VarHandle LAG = handle("lagNanos");

    private long messagesIn;
    private long bytesIn;
    private long messagesOut;
    private long bytesOut;
    private long lagNanos;
    private final Faults faults = new Faults();
    private final Latency fanOut = new Latency(BOUNDS);
    private final Latency publish = new Latency(BOUNDS);

    private static VarHandle handle(String field) {
        try {
            return MethodHandles.lookup().findVarHandle(LoopMeters.class, field, long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private void add(VarHandle handle, long amount) {
        handle.setOpaque(this, (long) handle.get(this) + amount);
    }

    /** A message of {@code bytes} bytes came from a client. */
    public void received(long bytes) {
        add(MESSAGES_IN, 1);
        add(BYTES_IN, bytes);
    }

    /** {@code messages} messages, {@code bytes} bytes in all, were written to clients. */
    public void sent(long messages, long bytes) {
        add(MESSAGES_OUT, messages);
        add(BYTES_OUT, bytes);
    }

    /** A publication was written to this loop's subscribers {@code nanos} after it was published. */
    public void fanOut(long nanos) {
        fanOut.record(nanos);
    }

    /** A publish request took {@code nanos} from its last byte to its answer. */
    public void published(long nanos) {
        publish.record(nanos);
    }

    /** The loop's tick came {@code nanos} late. */
    public void lag(long nanos) {
        LAG.setOpaque(this, nanos);
    }

    /** {@code what} threw {@code cause} on this loop, which goes on; any thread. */
    public void fault(String what, Throwable cause) {
        faults.add(what, cause);
    }

    /** Tasks of this loop that threw something; any thread. */
    public long faults() {
        return faults.count();
    }

    /** Messages from clients. */
    public long messagesIn() {
        return (long) MESSAGES_IN.getOpaque(this);
    }

    /** Payload bytes from clients. */
    public long bytesIn() {
        return (long) BYTES_IN.getOpaque(this);
    }

    /** Messages to clients. */
    public long messagesOut() {
        return (long) MESSAGES_OUT.getOpaque(this);
    }

    /** Frame bytes to clients, before TLS. */
    public long bytesOut() {
        return (long) BYTES_OUT.getOpaque(this);
    }

    /** How late the last tick was, nanoseconds. */
    public long lagNanos() {
        return (long) LAG.getOpaque(this);
    }

    /** From publish to the write to this loop's subscribers. */
    public Latency fanOut() {
        return fanOut;
    }

    /** Answering of publish requests. */
    public Latency publish() {
        return publish;
    }
}
