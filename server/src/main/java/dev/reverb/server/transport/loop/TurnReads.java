package dev.reverb.server.transport.loop;

import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;

/**
 * Sizes of read buffers: as large as the connection's last reads were full, from {@value #LEAST} to {@value #MOST}
 * bytes, and never more than the loop's turn has for one connection. One read a turn, so that a peer which sends
 * without end takes no more of a turn than others.
 */
final class TurnReads extends DefaultMaxMessagesRecvByteBufAllocator {

    private static final int LEAST = 512;
    private static final int FIRST = 2048;
    private static final int MOST = 64 * 1024;

    private final TurnBudget turn;

    TurnReads(TurnBudget turn) {
        super(1);
        this.turn = turn;
    }

    @Override
    @SuppressWarnings("deprecation") // what there is instead is not called by this version
    public Handle newHandle() {
        return new Sizes();
    }

    private final class Sizes extends MaxMessageHandle {

        private int size = FIRST;
        private boolean small;

        @Override
        public int guess() {
            return Math.min(size, turn.read());
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
