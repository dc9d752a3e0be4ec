package dev.reverb.e2e.live;

import java.net.http.HttpClient;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Many live clients, spread evenly over channels, on a handful of threads. */
public final class Fleet implements AutoCloseable {
    private static final int THREADS = 4;

    private final ExecutorService executor = Executors.newFixedThreadPool(THREADS);
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .executor(executor)
            .build();
    private final List<LiveClient> clients = new ArrayList<>();

    /** Connects them all; {@link #subscribed} counts those that have arrived. */
    public static Fleet connect(Application application, int size, List<String> channels) {
        Fleet fleet = new Fleet();
        fleet.add(application, size, channels);
        return fleet;
    }

    /** Connects more. */
    public void add(Application application, int size, List<String> channels) {
        for (int i = 0; i < size; i++) {
            int number = clients.size();
            LiveClient client = new LiveClient("client-" + number, application, channels.get(number % channels.size()),
                    http, executor);
            clients.add(client);
            client.connect();
        }
    }

    public List<LiveClient> clients() {
        return List.copyOf(clients);
    }

    /** How many are connected and subscribed now. */
    public int subscribed() {
        return (int) clients.stream().filter(LiveClient::subscribed).count();
    }

    /** Every connection of every client. */
    public List<Session> sessions() {
        return clients.stream().flatMap(client -> client.sessions().stream()).toList();
    }

    /** Connections that were ended by the server or the network. */
    public List<Session> closed() {
        return sessions().stream().filter(session -> !session.open()).toList();
    }

    /** Lets those that came first go, until so many are left. */
    public void shrink(int size) {
        while (clients.size() > size) {
            clients.removeFirst().close();
        }
    }

    @Override
    public void close() {
        clients.forEach(LiveClient::close);
        http.shutdownNow();
        executor.shutdownNow();
    }
}
