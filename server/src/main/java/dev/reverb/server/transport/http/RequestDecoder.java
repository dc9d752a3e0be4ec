package dev.reverb.server.transport.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequestDecoder;
import java.util.List;

/**
 * Decodes requests, and tells its handler of bytes before they are a whole head: a peer that sends a head byte by byte
 * would otherwise count as idle, and idle is allowed for longer.
 */
public final class RequestDecoder extends HttpRequestDecoder {

    private final HttpHandler handler;

    public RequestDecoder(HttpDecoderConfig config, HttpHandler handler) {
        super(config);
        this.handler = handler;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf buffer, List<Object> out) throws Exception {
        if (!handler.upgrading()) { // what stays in the buffer goes to the decoder that takes this one's place
            super.decode(ctx, buffer, out);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        handler.receiving();
        super.channelRead(ctx, message);
    }
}
