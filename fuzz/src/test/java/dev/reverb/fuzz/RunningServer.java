package dev.reverb.fuzz;

import dev.reverb.server.boot.ReverbServer;
import dev.reverb.server.config.live.Settings;
import dev.reverb.server.config.source.Overrides;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** The server that inputs are sent to; one for each JVM. */
final class RunningServer {

    /** What it has logged of unexpected errors. */
    static final List<String> ERRORS = new CopyOnWriteArrayList<>();
    private static final InetSocketAddress SERVER = start();

    private static InetSocketAddress start() {
        Logger.getLogger("").addHandler(new Handler() {
            @Override
            public void publish(LogRecord entry) {
                if (entry.getLevel().intValue() >= Level.SEVERE.intValue()) {
                    ERRORS.add(entry.getMessage() + " " + entry.getThrown());
                }
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        });
        Settings settings = Settings.read(
                Map.of("REVERB_SERVER_HOST", "127.0.0.1", "REVERB_SERVER_PORT", "0", "REVERB_MANAGEMENT_PORT", "0",
                        "REVERB_APP_ID", "1", "REVERB_APP_KEY", "key", "REVERB_APP_SECRET", "secret"),
                Optional.empty(), Overrides.none());
        try {
            return ReverbServer.start(settings.server(), settings.apps()).address();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private RunningServer() {}

    static Socket connect() throws IOException {
        Socket socket = new Socket();
        socket.setSoTimeout(5_000);
        socket.setSoLinger(true, 0);
        socket.connect(SERVER, 5_000);
        return socket;
    }
}
