package dev.reverb.server.transport.loop;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import io.netty.util.internal.PlatformDependent;

/**
 * Sizes of read buffers: as large as the connection's last reads were full, from {@value #LEAST} to {@value #MOST}
 * bytes, and never more than the loop's turn has for one connection. One read a turn, so that a peer which sends
 * without end takes no more of a turn than others. While more than a quarter of the memory outside the heap is in use,
 * reads are as small as they may be: what many connections have sent and cannot be handled yet stays in their sockets.
 */
final class TurnReads extends DefaultMaxMessagesRecvByteBufAllocator {

    private static final int LEAST = 512;
    private static final int FIRST = 2048;
    private static final int MOST = 64 * 1024;

    private final TurnBudget turn;
    private long turnOfScarce = -1;
    private boolean scarce;

    TurnReads(TurnBudget turn) {
        super(1);
        this.turn = turn;
    }

    @Override
    @SuppressWarnings("deprecation") // what there is instead is not called by this version
    public Handle newHandle() {
        return new Sizes();
    }

    /** Whether memory outside the heap is scarce; looked at once a turn. */
    private boolean scarce(ByteBufAllocator allocator) {
        if (turnOfScarce != turn.number()) {
            turnOfScarce = turn.number();
            long quarter = PlatformDependent.maxDirectMemory() / 4;
            scarce = PlatformDependent.usedDirectMemory() > quarter
                    && allocator instanceof PooledByteBufAllocator pooled && pooled.pinnedDirectMemory() > quarter;
        }
        return scarce;
    }

    private final class Sizes extends MaxMessageHandle {

        private int size = FIRST;
        private boolean small;

        @Override
        public int guess() {
            return Math.min(size, turn.read());
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            int bytes = guess();
            return allocator.ioBuffer(scarce(allocator) ? Math.min(bytes, TurnBudget.LEAST_READ) : bytes);
        }

        @Override
        public void lastBytesRead(int bytes) {
            super.lastBytesRead(bytes);
            if (bytes >= attemptedBytesRead()) {
                size = Math.min(MOST, 2 * size);
                small = false;
            } else if (bytes > 0 && bytes <= size / 4) {
                size = small ? Math.max(LEAST, size / 2) : size;
                small = !small;
            } else {
                small = false;
            }
        }
    }
}
