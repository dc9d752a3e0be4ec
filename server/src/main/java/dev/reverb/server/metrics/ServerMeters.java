package dev.reverb.server.metrics;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** Counters of rare events, over all loops. Any thread. */
public final class ServerMeters {

    /** Why a connection or request was not served. */
    public enum Rejection {
        /** A handshake or request that is not HTTP or WebSocket as it should be. */
        BAD_REQUEST,
        /** No application with that key. */
        UNKNOWN_APP,
        /** The application is disabled. */
        DISABLED_APP,
        /** {@code protocol} is none that is spoken. */
        PROTOCOL,
        /** The origin is not allowed. */
        ORIGIN,
        /** The application has as many connections as it may. */
        QUOTA,
        /** The server has as many connections as it may. */
        CAPACITY,
        /** The client's address has too many connections, or opens them too fast. */
        ADDRESS,
        /** The server is draining. */
        DRAINING,
        /** What the application asked for is not allowed to it. */
        NOT_ALLOWED,
        /** A signature does not verify. */
        SIGNATURE,
        /** More messages than the rate limit allows. */
        RATE_LIMIT,
        /** A body, header or message over its limit. */
        TOO_LARGE,
        /** A head, a body or an answer did not come in time. */
        TIMEOUT,
        /** All bodies together, or what waits for the event loops, take as much memory as they may. */
        MEMORY
    }

    private final LongAdder opened = new LongAdder();
    private final LongAdder slowReaders = new LongAdder();
    private final LongAdder publications = new LongAdder();
    private final LongAdder pruned = new LongAdder();
    private final Map<Integer, LongAdder> closed = new ConcurrentHashMap<>();
    private final Map<Rejection, LongAdder> rejections = new ConcurrentHashMap<>();
    private final Map<Integer, LongAdder> responses = new ConcurrentHashMap<>();
    private final AtomicInteger sockets = new AtomicInteger();
    private final AtomicInteger served = new AtomicInteger();
    private final AtomicLong requestBytes = new AtomicLong();
    private final AtomicInteger draining = new AtomicInteger();
    private final AtomicInteger drainRemaining = new AtomicInteger();
    private final LongAdder drainCut = new LongAdder();
    private final AtomicInteger rebalancing = new AtomicInteger();
    private final LongAdder rebalanceMoved = new LongAdder();
    private final LongAdder reloadsFailed = new LongAdder();
    private final AtomicInteger settingsStale = new AtomicInteger();
    private final AtomicInteger certificateStale = new AtomicInteger();
    private final AtomicLong certificateExpires = new AtomicLong();
    private final AtomicInteger tails = new AtomicInteger();
    private final LongAdder tailLinesMissed = new LongAdder();

    /** Connections that were established. */
    public LongAdder opened() {
        return opened;
    }

    /** Connections closed because they read too slowly. */
    public LongAdder slowReaders() {
        return slowReaders;
    }

    /** Readers of what happens to an application. */
    public AtomicInteger tails() {
        return tails;
    }

    /** Lines that a reader had no room for. */
    public LongAdder tailLinesMissed() {
        return tailLinesMissed;
    }

    /** Events published by the API, one per channel. */
    public LongAdder publications() {
        return publications;
    }

    /** Connections closed because they did not answer a ping. */
    public LongAdder pruned() {
        return pruned;
    }

    /** Ended connections by close code; 1006 stands for those without a close frame. */
    public Map<Integer, LongAdder> closed() {
        return closed;
    }

    /** A connection ended with {@code code}. */
    public void closed(int code) {
        closed.computeIfAbsent(code, c -> new LongAdder()).increment();
    }

    /** What was refused, by reason. */
    public Map<Rejection, LongAdder> rejections() {
        return rejections;
    }

    /** Something was refused. */
    public void rejected(Rejection reason) {
        rejections.computeIfAbsent(reason, r -> new LongAdder()).increment();
    }

    /** API answers by status. */
    public Map<Integer, LongAdder> responses() {
        return responses;
    }

    /** An API request was answered with {@code status}. */
    public void responded(int status) {
        LongAdder count = responses.get(status);
        (count == null ? responses.computeIfAbsent(status, s -> new LongAdder()) : count).increment();
    }

    /** Open sockets, HTTP ones too. */
    public AtomicInteger sockets() {
        return sockets;
    }

    /** WebSocket connections that are served. */
    public AtomicInteger served() {
        return served;
    }

    /** Bytes of request bodies that are not yet whole. */
    public AtomicLong requestBytes() {
        return requestBytes;
    }

    /** 1 while a drain runs. */
    public AtomicInteger draining() {
        return draining;
    }

    /** Connections that the drain has still to close. */
    public AtomicInteger drainRemaining() {
        return drainRemaining;
    }

    /** Connections that a drain closed at its deadline, out of pace. */
    public LongAdder drainCut() {
        return drainCut;
    }

    /** 1 while a round of rebalancing runs. */
    public AtomicInteger rebalancing() {
        return rebalancing;
    }

    /** Connections closed so that they move elsewhere. */
    public LongAdder rebalanceMoved() {
        return rebalanceMoved;
    }

    /** Changes to watched files that were refused. */
    public LongAdder reloadsFailed() {
        return reloadsFailed;
    }

    /** 1 while the settings file is wrong. */
    public AtomicInteger settingsStale() {
        return settingsStale;
    }

    /** 1 while the certificate's files are wrong. */
    public AtomicInteger certificateStale() {
        return certificateStale;
    }

    /** When the certificate in force ends, in seconds since 1970; 0 without TLS. */
    public AtomicLong certificateExpires() {
        return certificateExpires;
    }
}
