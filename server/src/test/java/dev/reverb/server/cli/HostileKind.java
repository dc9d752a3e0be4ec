package dev.reverb.server.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.reverb.server.tls.TrustAll;
import dev.reverb.testkit.Credentials;
import dev.reverb.testkit.Frame;
import dev.reverb.testkit.HttpSocket;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;

/** What a hostile client does with one connection after the other. */
enum HostileKind {

    /** A head, a byte at a time. */
    SLOW_HEADS {
        @Override
        void talk(Socket socket, BooleanSupplier on) throws IOException {
            String head = HttpSocket.upgrade("/app/shop-key");
            for (int i = 0; i < head.length() && on.getAsBoolean(); i++) {
                socket.getOutputStream().write(head.charAt(i));
                pause();
            }
            hold(socket, on);
        }
    },
    /** As many bytes as are taken of a body that nobody has signed. */
    UNSIGNED_BODIES {
        @Override
        void talk(Socket socket, BooleanSupplier on) throws IOException {
            OutputStream out = socket.getOutputStream();
            out.write(HttpSocket.head("POST", "/apps/shop/events", "Content-Length: 1000000").getBytes(US_ASCII));
            for (int i = 0; i < 100 && on.getAsBoolean(); i++) {
                out.write(new byte[10_000]);
                pause();
            }
        }
    },
    /** A frame that never ends. */
    HALF_FRAMES {
        @Override
        void talk(Socket socket, BooleanSupplier on) throws IOException {
            shake(socket);
            socket.getOutputStream().write(Frame.header(true, 0, Frame.TEXT, true, 9_900));
            socket.getOutputStream().write(new byte[9_000]);
            hold(socket, on);
        }
    },
    /** Requests one behind the other, whose replies nobody reads. */
    UNREAD_REPLIES {
        @Override
        void talk(Socket socket, BooleanSupplier on) throws IOException {
            byte[] requests = HttpSocket.head("GET", "/up").repeat(10).getBytes(US_ASCII);
            while (on.getAsBoolean()) {
                socket.getOutputStream().write(requests);
                pause();
            }
        }
    },
    /** Connections that end at once. */
    CONNECT_FLOOD {
        @Override
        void talk(Socket socket, BooleanSupplier on) throws IOException {
            socket.setSoLinger(true, 0);
            pause();
        }
    },
    /** Connections that say nothing. */
    SILENCE {
        @Override
        void talk(Socket socket, BooleanSupplier on) throws IOException {
            hold(socket, on);
        }
    },
    /** Subscribers that read nothing, and make the server write. */
    UNREAD_SUBSCRIBERS {
        @Override
        void talk(Socket socket, BooleanSupplier on) throws IOException {
            shake(socket);
            send(socket, subscribe("news"));
            while (on.getAsBoolean()) {
                send(socket, PING);
                pause();
            }
        }
    },
    /** Channels in the thousands, joined and left. */
    SUBSCRIPTION_FLOOD {
        @Override
        void talk(Socket socket, BooleanSupplier on) throws IOException {
            shake(socket);
            for (int i = 0; on.getAsBoolean(); i++) {
                String channel = "flood-" + ThreadLocalRandom.current().nextInt(100_000);
                send(socket, subscribe(channel));
                send(socket, "{\"event\":\"pusher:unsubscribe\",\"data\":{\"channel\":\"" + channel + "\"}}");
                drain(socket, i);
            }
        }
    },
    /** Pings of the protocol, answered and read. */
    PING_FLOOD {
        @Override
        void talk(Socket socket, BooleanSupplier on) throws IOException {
            shake(socket);
            for (int i = 0; on.getAsBoolean(); i++) {
                send(socket, PING);
                socket.getOutputStream().write(Frame.of(Frame.PING, new byte[100]).encode());
                drain(socket, i);
            }
        }
    },
    /** Messages that are larger than they may be. */
    HUGE_MESSAGES {
        @Override
        void talk(Socket socket, BooleanSupplier on) throws IOException {
            shake(socket);
            send(socket, "{\"event\":\"client-x\",\"data\":\"" + "x".repeat(100_000) + "\"}");
            pause();
        }
    },
    /** Bytes that mean nothing. */
    GARBAGE {
        @Override
        void talk(Socket socket, BooleanSupplier on) throws IOException {
            byte[] bytes = new byte[5_000];
            ThreadLocalRandom.current().nextBytes(bytes);
            if (ThreadLocalRandom.current().nextBoolean()) {
                shake(socket);
            }
            socket.getOutputStream().write(bytes);
            pause();
        }
    },
    /** Client events to a channel of each one's own. */
    CLIENT_EVENTS {
        @Override
        void talk(Socket socket, BooleanSupplier on) throws IOException {
            shake(socket);
            String channel = "own-" + ThreadLocalRandom.current().nextInt(1_000_000);
            send(socket, subscribe(channel));
            for (int i = 0; on.getAsBoolean(); i++) {
                send(socket, "{\"event\":\"client-x\",\"channel\":\"" + channel + "\",\"data\":\"" + "x".repeat(5_000)
                        + "\"}");
                drain(socket, i);
            }
        }
    },
    /** Members of one room, who come and go. */
    PRESENCE {
        @Override
        void talk(Socket socket, BooleanSupplier on) throws IOException {
            String id = shake(socket);
            String data = "{\"user_id\":\"" + id + "\",\"user_info\":{\"x\":\"" + "x".repeat(500) + "\"}}";
            String quoted = data.replace("\"", "\\\"");
            String auth = new Credentials("shop", "shop-key", "hunter2").auth(id, "presence-room", data);
            for (int i = 0; on.getAsBoolean(); i++) {
                send(socket, "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"presence-room\",\"auth\":\""
                        + auth + "\",\"channel_data\":\"" + quoted + "\"}}");
                send(socket, "{\"event\":\"pusher:unsubscribe\",\"data\":{\"channel\":\"presence-room\"}}");
                drain(socket, i);
                pause();
            }
        }
    },
    /** Members of one large room, who read nothing of it. */
    UNREAD_GREETINGS {
        @Override
        void talk(Socket socket, BooleanSupplier on) throws IOException {
            String id = shake(socket);
            String data = "{\"user_id\":\"" + id + "\",\"user_info\":{\"x\":\"" + "x".repeat(1_000) + "\"}}";
            String auth = new Credentials("shop", "shop-key", "hunter2").auth(id, "presence-hall", data);
            send(socket, "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"presence-hall\",\"auth\":\"" + auth
                    + "\",\"channel_data\":\"" + data.replace("\"", "\\\"") + "\"}}");
            while (on.getAsBoolean()) {
                send(socket, PING);
                for (int i = 0; i < 50 && on.getAsBoolean(); i++) {
                    pause();
                }
            }
        }
    },
    /** The beginning of a TLS handshake, a byte at a time. */
    SLOW_TLS_HELLOS(true) {
        @Override
        void talk(Socket socket, BooleanSupplier on) throws IOException {
            byte[] hello = hello();
            for (int i = 0; i < hello.length && on.getAsBoolean(); i++) {
                socket.getOutputStream().write(hello[i]);
                pause();
            }
            hold(socket, on);
        }
    },
    /** TLS handshakes that the server answers, and that nobody ends. */
    HALF_TLS_HANDSHAKES(true) {
        @Override
        void talk(Socket socket, BooleanSupplier on) throws IOException {
            socket.getOutputStream().write(hello());
            hold(socket, on);
        }
    },
    /** One TLS handshake after the other, each on a connection of its own. */
    TLS_HANDSHAKES(true) {
        @Override
        void talk(Socket socket, BooleanSupplier on) throws IOException {
            secure(socket).startHandshake();
            pause();
        }
    },
    /** A second handshake on each connection, as TLS 1.2 has it. */
    TLS_RENEGOTIATION(true) {
        @Override
        void talk(Socket socket, BooleanSupplier on) throws IOException {
            SSLSocket tls = secure(socket);
            tls.setEnabledProtocols(new String[]{"TLSv1.2"});
            tls.startHandshake();
            while (on.getAsBoolean()) {
                tls.startHandshake();
                tls.getInputStream().read(); // until the server ends it
                pause();
            }
        }
    };

    private static final String PING = "{\"event\":\"pusher:ping\",\"data\":{}}";
    private static final Pattern SOCKET_ID = Pattern.compile("socket_id\\W+([0-9.]+)");
    private static final long PAUSE_NANOS = 20_000_000;

    private final boolean tls;

    HostileKind() {
        this(false);
    }

    HostileKind(boolean tls) {
        this.tls = tls;
    }

    /** Whether the server speaks TLS. */
    boolean tls() {
        return tls;
    }

    /** The first message of a TLS client. */
    private static byte[] hello() throws IOException {
        SSLEngine engine = TrustAll.CONTEXT.createSSLEngine("localhost", 443);
        engine.setUseClientMode(true);
        ByteBuffer hello = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), hello);
        return Arrays.copyOf(hello.array(), hello.position());
    }

    private static SSLSocket secure(Socket socket) throws IOException {
        return (SSLSocket) TrustAll.CONTEXT.getSocketFactory().createSocket(socket, "localhost", 443, false);
    }

    /** Uses {@code socket} until it ends, {@code on} no longer holds, or as it likes. */
    abstract void talk(Socket socket, BooleanSupplier on) throws IOException;

    private static void pause() {
        LockSupport.parkNanos(PAUSE_NANOS);
    }

    private static String subscribe(String channel) {
        return "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"" + channel + "\"}}";
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(Frame.text(text).encode());
    }

    /** Connects; the socket's id. */
    private static String shake(Socket socket) throws IOException {
        socket.getOutputStream().write(HttpSocket.upgrade("/app/shop-key").getBytes(US_ASCII));
        StringBuilder answer = new StringBuilder();
        byte[] buffer = new byte[2_000];
        while (true) {
            int read = socket.getInputStream().read(buffer);
            if (read < 0) {
                throw new IOException("no WebSocket: " + answer);
            }
            answer.append(new String(buffer, 0, read, US_ASCII));
            Matcher id = SOCKET_ID.matcher(answer);
            if (id.find() && answer.indexOf("activity_timeout") > 0) {
                return id.group(1);
            }
        }
    }

    /** Reads what there is, every few messages, and is quick about it, but not without end. */
    private static void drain(Socket socket, int round) throws IOException {
        InputStream in = socket.getInputStream();
        while (in.available() > 0) {
            if (in.read(new byte[16_384]) < 0) {
                throw new IOException("ended");
            }
        }
        if (round % 4 == 3) {
            pause();
        }
    }

    /** Reads until the server ends it; who attacks no longer closes the socket. */
    private static void hold(Socket socket, BooleanSupplier on) throws IOException {
        byte[] buffer = new byte[4_096];
        while (on.getAsBoolean() && socket.getInputStream().read(buffer) >= 0) {
            // goes on
        }
    }
}
