package dev.reverb.bench.floor;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.locks.LockSupport;

/** A floor that loses, or doubles, one delivery of every subscriber: what a benchmark must not count as speed. */
@SuppressWarnings("FutureReturnValueIgnored") // void promises
public final class LossyFloor {
    /** The writes before are the greeting, the subscription's confirmation and two deliveries. */
    private static final int AT = 5;

    private static final int STATUS = "HTTP/1.1 ".length();

    private LossyFloor() {}

    /** @param arguments the port, and {@code doubles} to double instead of losing */
    public static void main(String[] arguments) {
        boolean doubles = arguments.length > 1;
        FloorServer.start(Integer.parseInt(arguments[0]), false,
                pipeline -> pipeline.addLast(new ChannelOutboundHandlerAdapter() {
                    private int writes;
                    private boolean subscriber;

                    @Override
                    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
                        ByteBuf bytes = (ByteBuf) message;
                        if (++writes == 1) {
                            subscriber = bytes.getByte(bytes.readerIndex() + STATUS) == '1';
                        }
                        if (!subscriber || writes != AT) {
                            context.write(bytes, promise);
                        } else if (doubles) {
                            context.write(bytes.retainedDuplicate(), context.voidPromise());
                            context.write(bytes, promise);
                        } else {
                            ReferenceCountUtil.release(bytes);
                        }
                    }
                }));
        while (true) {
            LockSupport.park();
        }
    }
}
