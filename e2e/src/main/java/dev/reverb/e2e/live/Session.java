package dev.reverb.e2e.live;

import java.util.ArrayList;
import java.util.List;

/**
 * One connection of one client, from the handshake to its end. Times are {@link System#nanoTime()}; zero: not yet.
 * Written by the client's thread, read by any; everything is guarded by the session.
 */
public final class Session {
    /** Code of an end without a close frame. */
    public static final int ABNORMAL = 1006;

    private final String client;
    private final String channel;
    private String socketId = "";
    private long subscribedAt;
    private long closedAt;
    private int code;
    private String reason = "";
    private final List<Long> received = new ArrayList<>();

    Session(String client, String channel) {
        this.client = client;
        this.channel = channel;
    }

    synchronized void established(String id) {
        socketId = id;
    }

    synchronized void subscribed(long now) {
        subscribedAt = now;
    }

    synchronized void received(long sequence) {
        received.add(sequence);
    }

    synchronized void closed(long now, int closeCode, String closeReason) {
        if (closedAt == 0) {
            closedAt = now;
            code = closeCode;
            reason = closeReason;
        }
    }

    public String client() {
        return client;
    }

    public String channel() {
        return channel;
    }

    public synchronized String socketId() {
        return socketId;
    }

    public synchronized long subscribedAt() {
        return subscribedAt;
    }

    public synchronized long closedAt() {
        return closedAt;
    }

    public synchronized boolean open() {
        return closedAt == 0;
    }

    /** The close frame's code, {@link #ABNORMAL} when there was none, 0 while open. */
    public synchronized int code() {
        return code;
    }

    public synchronized String reason() {
        return reason;
    }

    /** Sequence numbers in the order of arrival. */
    public synchronized List<Long> received() {
        return List.copyOf(received);
    }
}
