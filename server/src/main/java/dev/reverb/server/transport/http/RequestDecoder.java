package dev.reverb.server.transport.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequestDecoder;

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
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        handler.receiving();
        super.channelRead(ctx, message);
    }
}
