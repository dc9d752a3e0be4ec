package dev.reverb.server.transport;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Why an address cannot be listened on, with what to do. Pure. */
public final class BindFailure {
    private static final int LAST_PRIVILEGED = 1023;

    private BindFailure() {}

    /**
     * In words, to follow the address.
     *
     * @param cause what the system said, in Netty's form or the JDK's
     * @param hostNames how the host is set, such as "REVERB_SERVER_HOST, --host"
     * @param portNames how the port is set
     */
    public static String say(@Nullable Throwable cause, int port, String hostNames, String portNames) {
        String text = cause == null ? "" : String.valueOf(cause.getMessage());
        String lower = text.toLowerCase(Locale.ROOT);
        if (lower.contains("already in use")) {
            return "another program listens there; end it (ss -ltnp shows which one it is), or choose another port ("
                    + portNames + ")";
        }
        if (lower.contains("permission denied")) {
            return port > 0 && port <= LAST_PRIVILEGED
                    ? "ports below 1024 are for root; choose another port (" + portNames + ") with a proxy in front, or"
                            + " allow it: AmbientCapabilities=CAP_NET_BIND_SERVICE in a systemd unit, or"
                            + " sysctl net.ipv4.ip_unprivileged_port_start=" + port
                    : "this user may not listen there";
        }
        if (lower.contains("cannot assign requested address") || lower.contains("can't assign requested address")) {
            return "this machine does not have that address; 0.0.0.0 is every address it has (" + hostNames + ")";
        }
        return text;
    }
}
