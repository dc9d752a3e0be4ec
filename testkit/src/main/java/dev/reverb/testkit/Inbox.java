package dev.reverb.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What came from the server, in its order: one thread adds, the thread of the test takes and waits, never longer than a
 * bound. One lock guards all of it.
 */
abstract class Inbox {

    /**
     * How the server said goodbye.
     *
     * @param code of the close frame, 1005 when it had none
     * @param reason text of the close frame
     * @param nanos when it came, by {@link System#nanoTime()}
     */
    public record Close(int code, String reason, long nanos) {}

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<Received> received = new ArrayList<>();
    private final List<Frame> controls = new ArrayList<>();
    private int next;
    private int nextControl;
    private int count;
    private @Nullable Close close;
    private boolean ended;
    private boolean paused;

    // ---- adding, by the thread that reads ----

    final void add(Received message) {
        locked(() -> {
            received.add(message);
            count++;
        });
    }

    /** Counts a message that is not kept. */
    final void addOne() {
        locked(() -> count++);
    }

    final void add(Frame control) {
        locked(() -> controls.add(control));
    }

    final void closed(Close seen) {
        locked(() -> close = seen);
    }

    final void ended() {
        locked(() -> ended = true);
    }

    final void pause(boolean on) {
        locked(() -> paused = on);
    }

    final void awaitUnpaused() {
        locked(() -> {
            while (paused) {
                changed.awaitUninterruptibly();
            }
        });
    }

    /** The first message of all; consumes nothing. */
    final Received first() {
        return lockedGet(received::getFirst);
    }

    // ---- taking, by the thread of the test ----

    /** The next message. */
    public final Received next() {
        return await("a message", HttpSocket.PATIENCE, () -> next < received.size() ? received.get(next++) : null);
    }

    /** The next message, which has to be this event. */
    public final Received next(String event) {
        Received one = next();
        if (!one.event().equals(event)) {
            throw new AssertionError("expected " + event + " but got " + one + ", after " + history());
        }
        return one;
    }

    /** The next message that is this event, others skipped. */
    public final Received skipTo(String event) {
        Received one = next();
        while (!one.event().equals(event)) {
            one = next();
        }
        return one;
    }

    /** Fails the test when a message that it has not looked at comes within {@code time}. */
    public final void assertSilentFor(Duration time) {
        Optional<Received> message = poll(time, () -> next < received.size() ? received.get(next) : null);
        if (message.isPresent()) {
            throw new AssertionError("expected nothing but got " + message.get());
        }
    }

    /** Consumes what comes within {@code time}, and returns early when TCP ends. */
    public final void skipFor(Duration time) {
        long deadline = System.nanoTime() + time.toNanos();
        while (poll(Duration.ofNanos(deadline - System.nanoTime()),
                () -> next < received.size() ? received.get(next++) : null).isPresent()) {
            // one more
        }
    }

    /** How many messages came since the start. */
    public final int count() {
        return lockedGet(() -> count);
    }

    /**
     * Awaits that {@code count} messages came since the start, for as long as they keep coming; fails the test when
     * none comes for {@code silence}, or when the connection ends before.
     */
    public final void awaitCount(int count, Duration silence) {
        int came = count();
        while (came < count) {
            int before = came;
            came = poll(silence, () -> this.count > before || ended ? this.count : null)
                    .orElseThrow(() -> new AssertionError("after " + before + " of " + count
                            + " messages none came for " + silence.toMillis() + " ms, after " + history()));
            if (came == before) {
                throw new AssertionError("the connection ended after " + came + " of " + count + " messages");
            }
        }
    }

    /** The next WebSocket ping, pong or close frame. */
    public final Frame nextControl() {
        return await("a control frame", HttpSocket.PATIENCE,
                () -> nextControl < controls.size() ? controls.get(nextControl++) : null);
    }

    /** How many WebSocket pings came since the start. */
    public final long pings() {
        return lockedGet(() -> controls.stream().filter(frame -> frame.opcode() == Frame.PING).count());
    }

    /** The server's close frame; fails the test when TCP ends without one. */
    public final Close awaitClose() {
        Optional<Close> seen = await("a close frame", HttpSocket.PATIENCE,
                () -> close != null || ended ? Optional.ofNullable(close) : null);
        return seen.orElseThrow(() -> new AssertionError("TCP ended without a close frame, after " + history()));
    }

    /** The server's close frame, which has to have this code, and then the end of TCP. */
    public final Close awaitClose(int code) {
        Close seen = awaitClose();
        if (seen.code() != code) {
            throw new AssertionError("expected close code " + code + " but got " + seen + ", after " + history());
        }
        awaitEnd();
        return seen;
    }

    /** Awaits the next message or the server's close; true for the close. */
    public final boolean closesOrAnswers() {
        return await("a message or a close", HttpSocket.PATIENCE,
                () -> close != null ? Boolean.TRUE : next < received.size() ? Boolean.FALSE : null);
    }

    /** Awaits that the server ended TCP. */
    public final void awaitEnd() {
        await("the end of TCP", HttpSocket.PATIENCE, () -> ended ? true : null);
    }

    /** Whether TCP has ended, and no close frame came before. */
    public final boolean endedWithoutClose() {
        return lockedGet(() -> ended && close == null);
    }

    /** Whether neither a close frame nor the end of TCP has come. */
    public final boolean isOpen() {
        return lockedGet(() -> !ended && close == null);
    }

    /** The close frame, if one has come. */
    public final Optional<Close> closed() {
        return lockedGet(() -> Optional.ofNullable(close));
    }

    // ---- waiting ----

    private <T> T await(String what, Duration bound, Supplier<@Nullable T> probe) {
        return poll(bound, probe).orElseThrow(
                () -> new AssertionError("waited " + bound.toMillis() + " ms for " + what + ", after " + history()));
    }

    private <T> Optional<T> poll(Duration bound, Supplier<@Nullable T> probe) {
        long deadline = System.nanoTime() + bound.toNanos();
        lock.lock();
        try {
            while (true) {
                T found = probe.get();
                if (found != null) {
                    return Optional.of(found);
                }
                if (ended) {
                    // nothing can come any more
                    return Optional.empty();
                }
                long left = deadline - System.nanoTime();
                if (left <= 0 || (!changed.await(left, TimeUnit.NANOSECONDS) && System.nanoTime() >= deadline)) {
                    return Optional.ofNullable(probe.get());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting, after " + history(), e);
        } finally {
            lock.unlock();
        }
    }

    private String history() {
        return lockedGet(() -> {
            List<Received> last = received.subList(Math.max(0, received.size() - 8), received.size());
            return received.size() + " messages, the last " + last + ", close " + close + ", ended " + ended;
        });
    }

    private void locked(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private <T> T lockedGet(Supplier<T> value) {
        lock.lock();
        try {
            return value.get();
        } finally {
            lock.unlock();
        }
    }
}
