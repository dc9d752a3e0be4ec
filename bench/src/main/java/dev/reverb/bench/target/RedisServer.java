package dev.reverb.bench.target;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * A Redis that was started for a measurement, and what it says of itself.
 *
 * @param process its process
 * @param port where it listens on loopback
 */
public record RedisServer(Process process, int port) {
    /**
     * What it has done since it was started.
     *
     * @param cpuMicros user and system time, in microseconds, more finely than the kernel's ticks
     * @param bytes received and sent
     * @param memory bytes that it holds now
     */
    public record Figures(double cpuMicros, long bytes, long memory) {}

    /** Asks it; that takes it about a tenth of a millisecond. */
    public Figures figures() throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write("INFO\r\n".getBytes(StandardCharsets.US_ASCII));
            BufferedReader lines = new BufferedReader(
                    new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
            String head = lines.readLine();
            if (head == null || !head.startsWith("$")) {
                throw new IOException("Redis answers INFO with " + head);
            }
            double seconds = 0;
            long bytes = 0;
            long memory = 0;
            for (int left = Integer.parseInt(head.substring(1)); left > 0;) {
                String line = lines.readLine();
                if (line == null) {
                    throw new IOException("Redis ended while it answered INFO");
                }
                left -= line.length() + 2;
                int colon = line.indexOf(':');
                String value = line.substring(colon + 1);
                switch (line.substring(0, Math.max(0, colon))) {
                    case "used_cpu_user", "used_cpu_sys" -> seconds += Double.parseDouble(value);
                    case "total_net_input_bytes", "total_net_output_bytes" -> bytes += Long.parseLong(value);
                    case "used_memory" -> memory = Long.parseLong(value);
                    default -> {
                    }
                }
            }
            return new Figures(seconds * 1e6, bytes, memory);
        }
    }
}
