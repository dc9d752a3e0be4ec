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
    /** Frames of other nodes that all nodes together take in per publication. */
    FRAMES_PER_PUBLICATION("frames taken in per publish", "%.2f"),
    /** Bytes that Redis receives and sends per publication, without what it does at rest. */
    BYTES_PER_PUBLICATION("bytes through Redis per publish", "%,.0f"),
    /** Redis's processor time per publication, in microseconds, without what it takes at rest. */
    REDIS_ABOVE_REST("Redis per publish, µs", "%.1f"),
    /** Redis's processor time while nobody publishes, in microseconds per second. */
    REDIS_AT_REST("Redis at rest, µs/s", "%,.0f"),
    /** The servers' processor time per subscription to a channel of its own, in microseconds. */
    CPU_PER_CHANNEL("CPU per channel, µs", "%.1f"),
    /** Growth of the server's resident memory per channel with one subscriber, in KiB. */
    MEMORY_PER_CHANNEL("KiB per channel", "%.2f"),
    /** Growth of Redis's memory per channel, in bytes. */
    REDIS_PER_CHANNEL("bytes of Redis per channel", "%.0f"),
    /** The servers' processor time per member that joins, in microseconds: the greeting and the news to all others. */
    CPU_PER_JOIN("CPU per join, µs", "%,.0f"),
    /** Members that join per second. */
    JOINS("joins/s", "%,.0f"),
    /** Bytes of the greeting that the last member receives, in KiB. */
    SNAPSHOT("KiB of the last greeting", "%,.0f"),
    /** Milliseconds from subscribing to the greeting, for one more member of the full room. */
    JOIN_TIME("one more join, ms", "%.1f"),
    /** Seconds until all are members again, after the connections of all were cut. */
    REJOIN_TIME("all again, s", "%.1f"),
    /** The servers' processor time for that, per member, in microseconds. */
    CPU_PER_REJOIN("CPU per member that comes again, µs", "%,.0f"),
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
        return this == DELIVERIES || this == PUBLICATIONS || this == CONNECTIONS || this == JOINS;
    }

    /** A value, as the report prints it. */
    public String text(double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
