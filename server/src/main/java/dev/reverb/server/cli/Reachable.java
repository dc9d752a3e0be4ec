package dev.reverb.server.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;

/** Whether something listens at an address, tried once. Blocks for a second at most for each. */
final class Reachable {
    private static final int TIMEOUT_MILLIS = 1_000;

    private Reachable() {}

    /** In words: that one of {@code nodes} ({@code host:port}) takes a connection, or why the last one does not. */
    static String anyOf(List<String> nodes) {
        String why = "";
        for (String node : nodes) {
            int colon = node.lastIndexOf(':');
            String host = node.substring(0, colon).replaceAll("^\\[|]$", "");
            InetSocketAddress address = new InetSocketAddress(host, Integer.parseInt(node.substring(colon + 1)));
            if (address.isUnresolved()) {
                why = "no machine has the name " + host;
                continue;
            }
            try (Socket socket = new Socket()) {
                socket.connect(address, TIMEOUT_MILLIS);
                return "which takes connections";
            } catch (IOException e) {
                why = String.valueOf(e.getMessage());
            }
        }
        return "NOT REACHED: " + why;
    }
}
