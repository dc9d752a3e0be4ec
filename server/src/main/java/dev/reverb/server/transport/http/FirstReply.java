package dev.reverb.server.transport.http;

import dev.reverb.server.api.exchange.ApiReply;
import dev.reverb.server.transport.loop.LoopContext;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Where one request's answer goes: the first that is accepted is written on the connection's loop, and later ones, such
 * as that of a cluster behind a time-out, are dropped. Any thread.
 */
@SuppressWarnings("serial") // nobody writes it to a stream; it extends the flag to be one object
final class FirstReply extends AtomicBoolean implements Consumer<ApiReply> {

    private final transient HttpHandler handler;
    private final transient LoopContext loop;
    private final boolean keepAlive;
    private final boolean old;
    private final boolean headOnly;

    FirstReply(HttpHandler handler, LoopContext loop, HttpRequest request) {
        this.handler = handler;
        this.loop = loop;
        keepAlive = HttpUtil.isKeepAlive(request);
        old = request.protocolVersion().minorVersion() == 0;
        headOnly = request.method().name().equals("HEAD");
    }

    @Override
    public void accept(ApiReply reply) {
        if (!compareAndSet(false, true)) {
            return;
        }
        if (loop.eventLoop().inEventLoop()) {
            write(reply);
        } else {
            var _ = loop.execute(() -> write(reply));
        }
    }

    private void write(ApiReply reply) {
        handler.answer(reply, !keepAlive, keepAlive && old, headOnly);
    }
}
