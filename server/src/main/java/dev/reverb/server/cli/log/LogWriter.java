package dev.reverb.server.cli.log;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/**
 * Writes the log on a thread of its own, so that whoever reads the stream slowly, or not at all, holds up no event
 * loop. What waits is bounded by {@value #MAX_RECORDS} records and {@value #MAX_CHARS} characters of text; beyond that
 * new records are dropped, and the first line after them says how many. Any thread may publish; none ever waits, except
 * in {@link #flush} and {@link #close}, for {@value #PATIENCE_SECONDS} s at most.
 */
final class LogWriter extends Handler implements AutoCloseable {

    static final int MAX_RECORDS = 4_096;
    static final int MAX_CHARS = 4 << 20;
    /** Characters that a record counts for beside its message: its fields, and frames of a stack trace. */
    private static final int OVERHEAD = 256;
    private static final long PATIENCE_SECONDS = 2;

    private final OutputStream out;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<LogRecord> waiting = new ArrayDeque<>();
    private int chars;
    private long dropped;
    private boolean writing;
    private boolean closed;

    LogWriter(OutputStream out, Formatter formatter) {
        this.out = out;
        setFormatter(formatter);
        setLevel(Level.ALL);
        // a platform thread: a stalled write must not occupy a carrier of virtual threads
        Thread.ofPlatform().daemon().name("reverb-log").start(this::writeAll);
    }

    private static int size(LogRecord event) {
        String message = event.getMessage();
        return OVERHEAD + (message == null ? 0 : message.length());
    }

    @Override
    public void publish(LogRecord event) {
        if (!isLoggable(event)) {
            return;
        }
        lock.lock();
        try {
            int size = size(event);
            if (closed || waiting.size() >= MAX_RECORDS || chars + size > MAX_CHARS) {
                dropped++;
                return;
            }
            chars += size;
            waiting.add(event);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void writeAll() {
        while (true) {
            StringBuilder lines = new StringBuilder();
            lock.lock();
            try {
                while (waiting.isEmpty() && dropped == 0) {
                    writing = false;
                    changed.signalAll();
                    if (closed) {
                        return;
                    }
                    changed.awaitUninterruptibly();
                }
                writing = true;
                take(lines);
            } finally {
                lock.unlock();
            }
            write(lines);
        }
    }

    /** Some records as lines, flushed together: under load a system call writes many. */
    private void take(StringBuilder lines) {
        for (int i = 0; i < 64 && !waiting.isEmpty(); i++) {
            LogRecord event = waiting.poll();
            chars -= size(event);
            append(lines, event);
        }
        if (waiting.isEmpty() && dropped > 0) {
            LogRecord said = new LogRecord(Level.WARNING,
                    dropped + " log lines were dropped here, as the log is read more slowly than it is written");
            said.setLoggerName(LogWriter.class.getName());
            said.setInstant(Instant.now());
            append(lines, said);
            dropped = 0;
        }
    }

    private void append(StringBuilder lines, LogRecord event) {
        try {
            lines.append(getFormatter().format(event));
        } catch (RuntimeException e) {
            lines.append("a log line could not be formatted: ").append(e).append('\n');
        }
    }

    private void write(StringBuilder lines) {
        try {
            out.write(lines.toString().getBytes(StandardCharsets.UTF_8));
            out.flush();
        } catch (IOException e) {
            lock.lock();
            try {
                dropped++; // nobody reads any more, or the disk is full; the next line that can be written says so
            } finally {
                lock.unlock();
            }
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
        }
    }

    /** Waits until all that was published is written, or the time is over. */
    @Override
    public void flush() {
        awaitIdle();
    }

    /** Writes what waits, and takes nothing more. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        awaitIdle();
    }

    private void awaitIdle() {
        long left = TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        lock.lock();
        try {
            while (left > 0 && (writing || !waiting.isEmpty() || dropped > 0)) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }
}
