package dev.reverb.server.transport.loop;

import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SingleThreadIoEventLoop;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;

/**
 * The threads that serve sockets; each closes its own before it ends. Netty's loop (4.2.18) asks whether it shall
 * end, then
 * runs its tasks, then ends: a shutdown between the first and the last leaves every socket of that loop open, and its
 * peers
 * waiting.
 */
public final class EventLoops extends MultiThreadIoEventLoopGroup {

    public EventLoops(int threads, ThreadFactory threadFactory, IoHandlerFactory handlers) {
        super(threads, threadFactory, handlers);
    }

    @Override
    protected IoEventLoop newChild(Executor executor, IoHandlerFactory handlers, Object... none) {
        return new Loop(this, executor, handlers);
    }

    /** What {@code loop}, one of these, does in a turn; of another kind of loop, a turn that has no bound. */
    static TurnBudget turn(EventLoop loop) {
        return loop instanceof Loop own ? own.turn : new TurnBudget(loop::execute, Integer.MAX_VALUE);
    }

    private static final class Loop extends SingleThreadIoEventLoop {

        private final TurnBudget turn = new TurnBudget(this::execute, TurnBudget.FURTHER);
        private boolean closed;

        Loop(IoEventLoopGroup parent, Executor executor, IoHandlerFactory handlers) {
            super(parent, executor, handlers);
        }

        /** Called behind every turn, and until it says yes: what it closes here has its last tasks run by it. */
        @Override
        protected boolean confirmShutdown() {
            turn.ended();
            if (!closed && isShuttingDown()) {
                closed = true;
                ioHandler().prepareToDestroy();
            }
            return super.confirmShutdown();
        }
    }
}
