package dev.reverb.server.cluster.redis.frame;

/** Notifies a publisher when the last part of its batch is safe. Counted on the {@link ClusterEventLoop}. */
public final class Ack {

    /** Of a publication that counts as safe already. */
    public static final Ack NONE = new Ack(0, () -> {});

    private final Runnable acknowledged;
    private int parts;

    public Ack(int parts, Runnable acknowledged) {
        this.parts = parts;
        this.acknowledged = acknowledged;
    }

    public void part() {
        if (parts > 0 && --parts == 0) {
            acknowledged.run();
        }
    }
}
