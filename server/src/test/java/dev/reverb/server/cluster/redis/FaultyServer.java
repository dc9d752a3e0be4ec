package dev.reverb.server.cluster.redis;

import dev.reverb.server.boot.ReverbServer;
import dev.reverb.server.config.live.Settings;
import dev.reverb.server.config.source.Overrides;
import dev.reverb.server.listener.Listeners;
import java.util.Optional;

/** The program of a server with a {@link LinkFault}, which its only argument names. */
public final class FaultyServer {

    private FaultyServer() {}

    /** Runs until the process is killed. */
    public static void main(String[] arguments) throws Exception {
        LinkFault fault = LinkFault.valueOf(arguments[0]);
        Settings settings = Settings.load(System.getenv(), Optional.empty(), Overrides.none());
        ReverbServer server = ReverbServer.start(settings.server(), settings.apps(),
                new ReverbServer.Options(null, Listeners.installed(), Integer.MAX_VALUE, fault::start));
        System.out.println("listens on http://127.0.0.1:" + server.address().getPort());
        System.out.println("health and metrics on http://127.0.0.1:" + server.managementAddress().getPort());
        server.drained().join();
    }
}
