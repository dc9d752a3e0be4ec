package dev.reverb.server.cluster.nodes;

import dev.reverb.server.boot.ReverbServer;
import dev.reverb.testkit.Await;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntUnaryOperator;

/** Clients that, when they are closed, come back at once, where a load balancer sends them. Any thread. */
final class Wanderers implements AutoCloseable {

    private static final Duration SOON = Duration.ofSeconds(30);

    private final Crowd crowd = new Crowd();
    private final List<AtomicInteger> connected = new CopyOnWriteArrayList<>();
    private final List<ReverbServer> servers = new CopyOnWriteArrayList<>();
    private final List<Long> closes = Collections.synchronizedList(new ArrayList<>());
    private final Map<Integer, Integer> codes = Collections.synchronizedMap(new TreeMap<>());
    private final IntUnaryOperator balancer;
    private volatile boolean over;

    /**
     * @param balancer where a client goes, by where it was: numbers of servers in the order in which they were added
     */
    Wanderers(IntUnaryOperator balancer) {
        this.balancer = balancer;
    }

    /** One more server; the first is 0. */
    void add(ReverbServer server) {
        connected.add(new AtomicInteger());
        servers.add(server);
    }

    /** So many clients connect to one server, and are connected on return. */
    void arrive(int server, int clients) {
        int goal = at(server) + clients;
        for (int i = 0; i < clients; i++) {
            connect(server);
        }
        Await.until(SOON, () -> at(server) + " connected", () -> at(server) == goal);
    }

    private void connect(int server) {
        crowd.join(servers.get(server).address().getPort(), new Wanderer(server));
    }

    /** How many are connected to a server now. */
    int at(int server) {
        return connected.get(server).get();
    }

    int connected() {
        return connected.stream().mapToInt(AtomicInteger::get).sum();
    }

    /** When each of them was closed, nanoseconds, ascending. */
    List<Long> closes() {
        synchronized (closes) {
            return closes.stream().sorted().toList();
        }
    }

    /** How often each code was seen. */
    Map<Integer, Integer> codes() {
        synchronized (codes) {
            return Map.copyOf(codes);
        }
    }

    @Override
    public void close() {
        over = true;
        crowd.close();
    }

    private final class Wanderer extends Session {
        private final int server;
        private boolean established;

        Wanderer(int server) {
            this.server = server;
        }

        @Override
        protected void established(String socketId) {
            established = true;
            connected.get(server).incrementAndGet();
        }

        @Override
        protected void received(ByteBuf in, int start, int length) {}

        @Override
        protected void ended() {
            if (over) {
                return;
            }
            if (established) {
                connected.get(server).decrementAndGet();
            }
            closes.add(System.nanoTime());
            codes.merge(closeCode(), 1, Integer::sum);
            connect(balancer.applyAsInt(server));
        }
    }
}
