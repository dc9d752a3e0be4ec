package dev.reverb.server.cluster.redis.log;

/** Tells a publisher when the last part of its batch is safe. Counted on the {@link ClusterEventLoop}. */
public final class Ack {

    /** Of a publication that counts as safe already. */
    static final Ack NONE = new Ack(0, () -> {});

    private final Runnable acknowledged;
    private int parts;

    public Ack(int parts, Runnable acknowledged) {
        this.parts = parts;
        this.acknowledged = acknowledged;
    }

    void part() {
        if (parts > 0 && --parts == 0) {
            acknowledged.run();
        }
    }
}
