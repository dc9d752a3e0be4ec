package dev.reverb.server.cluster.redis;

/** Tells a publisher when the last part of its batch is safe. Counted on the {@link Loop}. */
final class Receipt {

    /** Of a publication that counts as safe already. */
    static final Receipt NONE = new Receipt(0, () -> {});

    private final Runnable acknowledged;
    private int parts;

    Receipt(int parts, Runnable acknowledged) {
        this.parts = parts;
        this.acknowledged = acknowledged;
    }

    void part() {
        if (parts > 0 && --parts == 0) {
            acknowledged.run();
        }
    }
}
