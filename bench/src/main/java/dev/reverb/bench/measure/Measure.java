package dev.reverb.bench.measure;

import java.util.Locale;

/** What can be measured, with its unit. */
public enum Measure {
    /** Messages that reached subscribers, per second. */
    DELIVERIES("deliveries/s", "%,.0f"),
    /** The server's processor time per message that reached a subscriber, in microseconds. */
    CPU_PER_DELIVERY("CPU per delivery, µs", "%.2f"),
    /** Time from request to delivery that half of the deliveries do not exceed, in milliseconds. */
    MEDIAN_LATENCY("median latency, ms", "%.2f"),
    /** Time from request to delivery that 99 % of the deliveries do not exceed, in milliseconds. */
    P99_LATENCY("p99 latency, ms", "%.2f"),
    /** Publications accepted over HTTP, per second. */
    PUBLICATIONS("publishes/s", "%,.0f"),
    /** The server's processor time per publication, in microseconds. */
    CPU_PER_PUBLICATION("CPU per publish, µs", "%.1f"),
    /** Redis's share of that, in microseconds. */
    REDIS_PER_PUBLICATION("Redis's part of it, µs", "%.1f"),
    /** Connections upgraded and subscribed, per second. */
    CONNECTIONS("connections/s", "%,.0f"),
    /** The server's processor time per connection opened, in microseconds. */
    CPU_PER_CONNECTION("CPU per connection, µs", "%.1f"),
    /** Growth of resident memory per idle subscribed connection, in KiB. */
    MEMORY_PER_CONNECTION("KiB per connection", "%.2f"),
    /** Growth of the kernel's own memory per end of such a connection, in KiB. */
    KERNEL_MEMORY("KiB of the kernel per end", "%.2f"),
    /** The server's processor time per second for each idle connection that pings, in microseconds. */
    CPU_PER_IDLE_CONNECTION("CPU per connection, µs/s", "%.2f"),
    /** Resident memory of a server that was just started, in MB (10⁶ bytes). */
    MEMORY_AT_START("MB at start", "%.1f"),
    /** Seconds from starting the process to its first accepted connection. */
    TIME_TO_ACCEPT("s to first accept", "%.3f");

    private final String unit;
    private final String format;

    Measure(String unit, String format) {
        this.unit = unit;
        this.format = format;
    }

    /** The unit, as the report prints it. */
    public String unit() {
        return unit;
    }

    /** Whether it is a rate, which a load side that is too slow makes smaller than it is. */
    public boolean isRate() {
        return this == DELIVERIES || this == PUBLICATIONS || this == CONNECTIONS;
    }

    /** A value, as the report prints it. */
    public String text(double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
