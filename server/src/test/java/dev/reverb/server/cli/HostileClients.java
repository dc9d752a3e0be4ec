package dev.reverb.server.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A process of hostile clients of one kind, each with one connection after the other, until it is killed. Writes how
 * many connections there were, a line each 100 ms once the first is there.
 */
final class HostileClients {

    private static final long AGAIN_NANOS = 50_000_000;

    private HostileClients() {}

    /** @param arguments the kind, how many, and the port on this machine */
    public static void main(String[] arguments) {
        HostileKind kind = HostileKind.valueOf(arguments[0]);
        InetSocketAddress server = new InetSocketAddress(InetAddress.getLoopbackAddress(),
                Integer.parseInt(arguments[2]));
        AtomicLong connected = new AtomicLong();
        for (int i = 0; i < Integer.parseInt(arguments[1]); i++) {
            Thread.ofVirtual().start(() -> {
                while (true) {
                    attack(kind, server, connected);
                }
            });
        }
        PrintStream out = new PrintStream(System.out, true);
        while (true) {
            LockSupport.parkNanos(2 * AGAIN_NANOS);
            if (connected.get() > 0) {
                out.println("connections " + connected);
            }
        }
    }

    private static void attack(HostileKind kind, InetSocketAddress server, AtomicLong connected) {
        try (Socket socket = new Socket()) {
            socket.connect(server, 5_000);
            connected.incrementAndGet();
            kind.talk(socket, () -> true);
        } catch (IOException e) {
            LockSupport.parkNanos(AGAIN_NANOS); // refused or ended: once more
        }
    }
}
