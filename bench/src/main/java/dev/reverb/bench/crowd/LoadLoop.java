package dev.reverb.bench.crowd;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The one selector that all sockets of the load hang on, and the buffer that they all read into. It either sleeps until
 * something is readable or, polling, never sleeps: a reader that sleeps costs the sender a wake-up per delivery, which
 * would be measured as the server's. Used by one thread.
 */
public final class LoadLoop implements AutoCloseable {
    /** A socket of the load. */
    interface Reader {
        /** Reads once into the loop's buffer and acts on it. */
        void readable(LoadLoop loop) throws IOException;
    }

    private final Selector selector;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(256 * 1024);
    private final Consumer<SelectionKey> dispatch = this::dispatch;
    private boolean polling;
    private long emptyNanos;

    /** Opens a loop that sleeps. */
    public LoadLoop() throws IOException {
        selector = Selector.open();
    }

    /** Whether turns poll instead of sleeping. */
    public void polling(boolean polling) {
        this.polling = polling;
    }

    public boolean polling() {
        return polling;
    }

    /**
     * Time spent in polls that found nothing, in nanoseconds, since the loop was opened: what a poller has to spare.
     */
    public long emptyNanos() {
        return emptyNanos;
    }

    /** Where every socket reads to; what is in it holds until the next read. */
    ByteBuffer buffer() {
        return buffer;
    }

    /** Adds a connected socket. */
    void add(SocketChannel channel, Reader socket) throws IOException {
        channel.configureBlocking(false);
        channel.register(selector, SelectionKey.OP_READ, socket);
    }

    /** Reads what is readable; where nothing is, waits for it until {@code deadline} (as nanoTime) when sleeping. */
    public void turn(long deadline) throws IOException {
        try {
            if (polling) {
                long before = System.nanoTime();
                if (selector.selectNow(dispatch) == 0) {
                    emptyNanos += System.nanoTime() - before;
                }
            } else {
                long millis = Math.ceilDiv(deadline - System.nanoTime(), 1_000_000L);
                if (millis > 0) {
                    selector.select(dispatch, millis);
                } else {
                    selector.selectNow(dispatch);
                }
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /**
     * Turns until {@code condition} holds.
     *
     * @param nanos how long at the most
     * @param otherwise what the failure says when it does not by then
     */
    public void await(BooleanSupplier condition, long nanos, Supplier<String> otherwise) throws IOException {
        long deadline = System.nanoTime() + nanos;
        while (!condition.getAsBoolean()) {
            turn(deadline);
            if (System.nanoTime() - deadline > 0) {
                throw new LoadFailure(otherwise.get());
            }
        }
    }

    /** Takes the closed sockets out; their descriptors are free after this. */
    public void forgetClosed() throws IOException {
        selector.selectNow(dispatch);
    }

    private void dispatch(SelectionKey key) {
        try {
            if (key.attachment() instanceof Reader socket) {
                socket.readable(this);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        selector.close();
    }
}
