package dev.reverb.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket client over a plain socket: what it sends is exactly what a test says, what it receives is kept in order.
 * A virtual thread reads; the test that opened the client waits on it, never longer than a bound. It answers WebSocket
 * pings and closes as a good client does, unless a test switches that off; {@code pusher:ping} it never answers by
 * itself.
 */
public final class WireClient extends Inbox implements AutoCloseable {

    private final HttpSocket socket;
    private final Credentials credentials;
    private final HttpReply handshake;

    private volatile boolean answersPings = true;
    private volatile boolean answersClose = true;
    private volatile boolean onlyCounts;

    private WireClient(HttpSocket socket, Credentials credentials, HttpReply handshake) {
        this.socket = socket;
        this.credentials = credentials;
        this.handshake = handshake;
    }

    /** Sends an upgrade request for {@code target} with more header lines, and reads the answer, whatever it is. */
    public static WireClient open(InetSocketAddress address, Credentials credentials, String target, int receiveBuffer,
            String... headers) {
        return open(HttpSocket.connect(address, receiveBuffer), credentials, target, headers);
    }

    /** The same on a connection that is there. */
    public static WireClient open(HttpSocket socket, Credentials credentials, String target, String... headers) {
        HttpReply handshake = socket.write(HttpSocket.upgrade(target, headers)).read();
        WireClient client = new WireClient(socket, credentials, handshake);
        if (handshake.status() == 101) {
            socket.readTimeout(0);
            Thread.ofVirtual().name("wire-client").start(client::readAll);
        }
        return client;
    }

    /** The answer to the upgrade request. */
    public HttpReply handshake() {
        return handshake;
    }

    private void readAll() {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        try {
            InputStream in = socket.in();
            while (true) {
                Frame frame = Frame.read(in);
                awaitUnpaused();
                if (frame.opcode() >= Frame.CLOSE) {
                    onControl(frame);
                } else {
                    message.writeBytes(frame.payload());
                    if (frame.last()) {
                        if (onlyCounts) {
                            addOne();
                        } else {
                            add(Received.of(message.toString(StandardCharsets.UTF_8)));
                        }
                        message.reset();
                    }
                }
            }
        } catch (IOException endOrReset) {
            // nothing more can come
        } finally {
            ended();
        }
    }

    private void onControl(Frame frame) throws IOException {
        byte[] payload = frame.payload();
        if (frame.opcode() == Frame.CLOSE) {
            int code = payload.length < 2 ? 1005 : ByteBuffer.wrap(payload).getShort() & 0xffff;
            String reason = payload.length < 2 ? ""
                    : new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8);
            closed(new Close(code, reason, System.nanoTime()));
        }
        add(frame);
        if (answersPings && frame.opcode() == Frame.PING) {
            write(Frame.of(Frame.PONG, payload).encode());
        } else if (answersClose && frame.opcode() == Frame.CLOSE) {
            // the server need not wait for the echo
            sendBytes(Frame.of(Frame.CLOSE, payload).encode());
        }
    }

    // ---- sending ----

    private synchronized void write(byte[] frame) throws IOException {
        socket.out().write(frame);
        socket.out().flush();
    }

    /** Sends bytes as they are; a server that has closed already is no error here. */
    public WireClient sendBytes(byte[] frame) {
        try {
            write(frame);
        } catch (IOException closedByServer) {
            // what the server answered is what the test looks at
        }
        return this;
    }

    public WireClient send(Frame... frames) {
        for (Frame frame : frames) {
            sendBytes(frame.encode());
        }
        return this;
    }

    /** Sends one text message. */
    public WireClient send(String text) {
        return send(Frame.text(text));
    }

    /** Sends an event whose {@code data} is the raw JSON {@code data}. */
    public WireClient sendEvent(String name, String channel, String data) {
        return send(
                "{\"event\":" + Json.quote(name) + ",\"channel\":" + Json.quote(channel) + ",\"data\":" + data + "}");
    }

    // ---- subscriptions ----

    /** The id that the server gave this connection; consumes nothing. */
    public String socketId() {
        return first().dataJson().path("socket_id").asString();
    }

    /** Asks for a public channel and awaits its {@code subscription_succeeded}. */
    public Received subscribe(String channel) {
        askFor(channel);
        return succeeded(channel);
    }

    /** Asks for a public channel. */
    public WireClient askFor(String channel) {
        return send("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":" + Json.quote(channel) + "}}");
    }

    /** Asks with {@code auth}, and with {@code channel_data} unless it is null. */
    public WireClient askFor(String channel, String auth, @Nullable String channelData) {
        return send("{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":" + Json.quote(channel) + ",\"auth\":"
                + Json.quote(auth) + (channelData == null ? "" : ",\"channel_data\":" + Json.quote(channelData))
                + "}}");
    }

    /** Asks for a private channel, rightly signed, and awaits its {@code subscription_succeeded}. */
    public Received subscribePrivate(String channel) {
        askFor(channel, credentials.auth(socketId(), channel), null);
        return succeeded(channel);
    }

    /** Asks for a presence channel, rightly signed, and awaits its {@code subscription_succeeded}. */
    public Received subscribePresence(String channel, String channelData) {
        askFor(channel, credentials.auth(socketId(), channel, channelData), channelData);
        return succeeded(channel);
    }

    public WireClient unsubscribe(String channel) {
        return send("{\"event\":\"pusher:unsubscribe\",\"data\":{\"channel\":" + Json.quote(channel) + "}}");
    }

    private Received succeeded(String channel) {
        Received reply = next("pusher_internal:subscription_succeeded");
        if (!reply.channel().equals(channel)) {
            throw new AssertionError("expected a subscription to " + channel + " but got " + reply);
        }
        return reply;
    }

    /** Fails the test when anything came that it has not looked at: all until the answer to a ping of its own. */
    public void assertNothingMore() {
        send("{\"event\":\"pusher:ping\",\"data\":{}}");
        next("pusher:pong");
    }

    // ---- behaviour ----

    /** Answers no WebSocket ping from now on. */
    public WireClient withoutPongs() {
        answersPings = false;
        return this;
    }

    /** Answers no close frame from now on. */
    public WireClient withoutCloseAnswer() {
        answersClose = false;
        return this;
    }

    /** Keeps no message from now on, only their {@link #count()}: for tests that move much. */
    public WireClient onlyCounting() {
        onlyCounts = true;
        return this;
    }

    /** Reads nothing from now on, at most one frame that is under way. */
    public void pauseReading() {
        pause(true);
    }

    public void resumeReading() {
        pause(false);
    }

    /** Ends TCP with a reset, as a peer that died. */
    public void reset() {
        socket.reset();
    }

    @Override
    public void close() {
        socket.close();
        resumeReading();
    }
}
