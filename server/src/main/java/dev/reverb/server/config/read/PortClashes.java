package dev.reverb.server.config.read;

import dev.reverb.model.setting.Given;
import dev.reverb.model.setting.Setting;
import dev.reverb.model.setting.SettingsException;
import dev.reverb.server.config.ServerConfig;
import dev.reverb.server.config.ServerSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** One port cannot listen for two of clients, HTTP API and management on one address. Pure. */
final class PortClashes {
    private static final Set<String> EVERY_ADDRESS = Set.of("0.0.0.0", "::", "[::]");

    /** What listens where, by the setting of its port. */
    private record Listener(Setting<Integer> setting, String host, int port) {

        boolean clashesWith(Listener other) {
            return port != 0 && port == other.port
                    && (host.equals(other.host) || EVERY_ADDRESS.contains(host) || EVERY_ADDRESS.contains(other.host));
        }
    }

    private PortClashes() {}

    /**
     * Names the port that was given, of two that are the same, rather than the one that has its default.
     *
     * @throws SettingsException when two are the same
     */
    static void refuse(Given given, ServerConfig config) {
        List<Listener> listeners = new ArrayList<>();
        listeners.add(new Listener(ServerSettings.PORT_BOUND, config.host(), config.port()));
        config.api().ifPresent(api -> listeners.add(new Listener(ServerSettings.API_PORT, api.host(), api.port())));
        listeners.add(
                new Listener(ServerSettings.MANAGEMENT_PORT, config.management().host(), config.management().port()));
        for (int i = 0; i < listeners.size(); i++) {
            for (Listener earlier : listeners.subList(0, i)) {
                if (listeners.get(i).clashesWith(earlier)) {
                    refuse(given, earlier.setting(), listeners.get(i).setting(), earlier.port());
                }
            }
        }
    }

    private static void refuse(Given given, Setting<Integer> earlier, Setting<Integer> later, int port) {
        boolean laterGiven = given.has(later);
        throw new SettingsException(given.origin(laterGiven ? later : earlier) + ": \"" + port
                + "\" is not allowed, as " + (laterGiven ? earlier : later)
                + " is the same; allowed is another port, or 0 for any free one");
    }
}
