package dev.reverb.server.webhook.send;

import dev.reverb.model.UriAuthority;
import dev.reverb.server.config.ServerConfig.WebhookConfig;
import dev.reverb.server.webhook.PublicAddress;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.util.AsciiString;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One request at a time to one address over a connection that is kept. The address that is connected to is the one that
 * was checked: the name is looked up once for each connection, here. Redirections are not followed, and of an answer's
 * body only so much is read. On its event loop only.
 */
final class WebhookConnection {

    /** Bytes of an answer's body that are read so that the connection can be kept; a longer one ends it. */
    private static final int MOST_BODY = 64 * 1024;
    /** Bytes of an answer's head, as of cookies that nobody wants. */
    private static final int MOST_HEAD = 64 * 1024;

    /**
     * What all connections of an application share.
     *
     * @param resolving where addresses are looked up, which blocks
     */
    record Shared(SslContext tls, HostResolver resolver, Executor resolving, boolean allowPrivate, Duration timeout) {

        /** @param tls how receivers are verified; null as the JDK does, with their host names */
        static Shared of(WebhookConfig config, HostResolver resolver, Executor resolving, @Nullable SslContext tls) {
            try {
                SslContext verifying = tls != null ? tls
                        : SslContextBuilder.forClient().endpointIdentificationAlgorithm("HTTPS").build();
                return new Shared(verifying, resolver, resolving, config.allowPrivate(), config.timeout());
            } catch (SSLException e) {
                throw new IllegalStateException("this Java has no TLS", e);
            }
        }

        /** The same with other threads. */
        Shared on(Executor threads) {
            return new Shared(tls, resolver, threads, allowPrivate, timeout);
        }
    }

    private final EventLoop loop;
    private final URI url;
    private final UriAuthority authority;
    private final Shared shared;
    private @Nullable Channel channel;
    /** Receives the answer of the request under way; null without one. */
    private @Nullable Consumer<WebhookAnswer> answer;
    private @Nullable ScheduledFuture<?> deadline;
    /** Changes when a request begins or ends, so that what was begun for a former one is seen to be late. */
    private long number;
    private boolean lookingUp;
    private boolean reused;
    private int status; // of the answer that has begun, 0 without one
    private boolean begun; // whether anything of the answer has arrived
    private int body;
    private boolean keep;
    /** The request under way, to be sent once more when a kept connection was closed meanwhile. */
    private byte[] bytes = {};
    private Map<String, String> headers = Map.of();

    WebhookConnection(EventLoop loop, URI url, Shared shared) {
        this.loop = loop;
        this.url = url;
        this.authority = UriAuthority.of(url).orElseThrow();
        this.shared = shared;
    }

    /** Posts {@code bytes}; {@code answered} runs once, on the loop. Not while a request is under way. */
    void post(byte[] bytes, Map<String, String> headers, Consumer<WebhookAnswer> answered) {
        this.bytes = bytes;
        this.headers = headers;
        answer = answered;
        number++;
        status = 0;
        deadline = loop.schedule(
                () -> end((status == 0 ? "no answer" : "it answered " + status + ", and its answer did not end")
                        + " within " + shared.timeout.toMillis() + " ms"),
                shared.timeout.toMillis(), TimeUnit.MILLISECONDS);
        Channel kept = channel;
        reused = kept != null && kept.isActive();
        if (reused && kept != null) {
            write(kept);
        } else {
            channel = null;
            lookUp();
        }
    }

    void close() {
        if (channel != null) {
            channel.close();
        }
    }

    private boolean secure() {
        return "https".equals(url.getScheme());
    }

    private int port() {
        return authority.port().orElse(secure() ? 443 : 80);
    }

    private String host() {
        String host = authority.host();
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    /** One look-up is under way at a time: a request that begins meanwhile uses what it finds. */
    private void lookUp() {
        if (lookingUp) {
            return;
        }
        lookingUp = true;
        try {
            shared.resolving.execute(() -> {
                InetAddress[] found;
                try {
                    found = shared.resolver.resolve(host());
                } catch (UnknownHostException | RuntimeException e) {
                    found = new InetAddress[0];
                }
                InetAddress[] addresses = found;
                try {
                    loop.execute(() -> lookedUp(addresses));
                } catch (RejectedExecutionException e) {
                    // the server has ended
                }
            });
        } catch (RejectedExecutionException e) {
            end("the server ends");
        }
    }

    private void lookedUp(InetAddress[] found) {
        lookingUp = false;
        if (answer == null || channel != null) {
            return; // too late
        }
        if (found.length == 0) {
            end("the host " + host() + " is not known");
        } else {
            connect(number, found, 0);
        }
    }

    private void connect(long asked, InetAddress[] addresses, int from) {
        int i = from;
        while (i < addresses.length && !shared.allowPrivate && !PublicAddress.is(addresses[i])) {
            i++;
        }
        if (i == addresses.length) {
            end(host() + " has no public address; webhooks.allow_private allows others");
            return;
        }
        int next = i + 1;
        Bootstrap bootstrap = new Bootstrap().group(loop)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) shared.timeout.toMillis())
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel made) {
                        if (secure()) {
                            made.pipeline().addLast(shared.tls.newHandler(made.alloc(), host(), port()));
                        }
                        Answers answers = new Answers();
                        made.pipeline().addLast(answers.first(), new HttpClientCodec(4096, MOST_HEAD, 8192), answers);
                    }
                });
        ChannelFuture connected = bootstrap.connect(new InetSocketAddress(addresses[i], port()));
        Channel made = connected.channel();
        channel = made;
        connected.addListener((ChannelFutureListener) done -> {
            if (done.isSuccess() && number == asked) {
                write(made);
            } else if (!done.isSuccess() && next < addresses.length && number == asked) {
                connect(asked, addresses, next);
            } else if (!done.isSuccess()) {
                endIf(asked, "no connection: " + FailureText.of(done.cause()));
            } else {
                made.close();
            }
        });
    }

    private void write(Channel to) {
        begun = false;
        body = 0;
        String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        DefaultFullHttpRequest request = new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST,
                url.getRawQuery() == null ? path : path + "?" + url.getRawQuery(), Unpooled.wrappedBuffer(bytes));
        // as UTF-8: the encoder of text would make question marks of what is not ASCII
        headers.forEach((name, value) -> request.headers()
                .set(name, new AsciiString(value.getBytes(StandardCharsets.UTF_8), false)));
        request.headers()
                .set(HttpHeaderNames.HOST, authority.hostAndPort())
                .set(HttpHeaderNames.CONTENT_LENGTH, bytes.length);
        to.writeAndFlush(request).addListener((ChannelFutureListener) written -> {
            if (!written.isSuccess()) {
                lost(to, FailureText.of(written.cause()));
            }
        });
    }

    /** The connection ended; a kept one may have been closed just when it was used. */
    private void lost(Channel which, String reason) {
        which.close();
        if (!which.equals(channel)) {
            return;
        }
        channel = null;
        if (answer != null && reused && !begun) {
            reused = false;
            lookUp();
        } else {
            end(reason);
        }
    }

    private void endIf(long asked, String reason) {
        if (number == asked) {
            end(reason);
        }
    }

    private void end(String reason) {
        Channel open = channel;
        channel = null;
        if (open != null) {
            open.close();
        }
        answered(WebhookAnswer.failed(reason));
    }

    private void answered(WebhookAnswer result) {
        Consumer<WebhookAnswer> waiting = answer;
        if (waiting != null) {
            answer = null;
            number++;
            if (deadline != null) {
                deadline.cancel(false);
            }
            waiting.accept(result);
        }
    }

    /** Reads answers; the last part of one frees the connection for the next request. */
    private final class Answers extends SimpleChannelInboundHandler<HttpObject> {

        private WebhookAnswer result = WebhookAnswer.failed("no answer");
        private boolean head;
        private boolean tls;

        /** Looks at the first byte that arrives, for what would be no HTTP. */
        ChannelHandler first() {
            return new ChannelInboundHandlerAdapter() {
                @Override
                public void channelRead(ChannelHandlerContext ctx, Object bytes) {
                    if (bytes instanceof ByteBuf buffer && buffer.isReadable()) {
                        int record = buffer.getByte(buffer.readerIndex());
                        tls = record >= 20 && record <= 23;
                    }
                    ctx.fireChannelRead(bytes);
                    ctx.pipeline().remove(this);
                }
            };
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, HttpObject part) {
            if (part.decoderResult().isFailure()) {
                if (head) { // of an answer that is there the status counts
                    done(ctx, false);
                } else {
                    lost(ctx.channel(), wrong(part.decoderResult().cause()));
                }
                return;
            }
            if (part instanceof HttpResponse response) {
                int code = response.status().code();
                if (code == 101) {
                    lost(ctx.channel(), "it answered 101, which is no answer to a POST");
                }
                if (code < 200) {
                    return;
                }
                head = true;
                begun = true;
                status = code;
                keep = HttpUtil.isKeepAlive(response);
                result = new WebhookAnswer(code, "",
                        RetryAfter.of(response.headers().get(HttpHeaderNames.RETRY_AFTER)));
            }
            if (part instanceof HttpContent content && head) {
                body += content.content().readableBytes();
                if (part instanceof LastHttpContent || body > MOST_BODY) {
                    done(ctx, keep && body <= MOST_BODY);
                }
            }
        }

        private String wrong(Throwable why) {
            if (why instanceof TooLongFrameException) {
                return "the head of its answer is longer than " + MOST_HEAD + " bytes";
            }
            return tls && !secure() ? "the answer is TLS, and the address says http:" : "the answer is no HTTP";
        }

        private void done(ChannelHandlerContext ctx, boolean kept) {
            head = false;
            if (!kept) {
                channel = null;
                ctx.close();
            }
            answered(result);
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            if (head) { // the body ended early; the status counts
                channel = null;
                answered(result);
            } else {
                lost(ctx.channel(), "the connection was closed without an answer");
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            lost(ctx.channel(), FailureText.of(cause));
        }
    }
}
