package dev.reverb.server.metrics;

/**
 * The catalogue of the server's own meters, from which the reference page is generated. No meter has a channel's
 * name, a
 * user or a socket as a tag: their number has no bound. Meters of the JVM and of Netty's allocator come beside them.
 */
public enum Meter {
    CONNECTIONS("reverb.connections", Type.GAUGE, "app", "Connections to this node"),
    SOCKETS("reverb.sockets", Type.GAUGE, "", "Open sockets, those of the HTTP API too"),
    REQUEST_BYTES("reverb.request.body.bytes", Type.GAUGE, "",
            "Bytes that bodies of API requests take which are not whole yet; bounded by limits.request_memory"),
    CONNECTIONS_OPENED("reverb.connections.opened", Type.COUNTER, "", "Connections established"),
    CONNECTIONS_CLOSED("reverb.connections.closed", Type.COUNTER, "code",
            "Connections ended, by WebSocket close code; 1006 without a close frame, 1005 with one that has no code; "
                    + "3000 and 4000 also stand for all codes from there on that clients chose"),
    CONNECTIONS_PRUNED("reverb.connections.pruned", Type.COUNTER, "",
            "Connections closed because they did not answer a ping"),
    SLOW_READERS("reverb.slow.readers", Type.COUNTER, "", "Connections closed because they read too slowly"),
    REJECTIONS("reverb.rejections", Type.COUNTER, "reason", "Handshakes, requests and messages refused, by reason"),
    MESSAGES_IN("reverb.messages.received", Type.COUNTER, "app", "Messages from clients"),
    BYTES_IN("reverb.bytes.received", Type.COUNTER, "", "Payload bytes of messages from clients"),
    MESSAGES_OUT("reverb.messages.sent", Type.COUNTER, "app", "Messages to clients"),
    BYTES_OUT("reverb.bytes.sent", Type.COUNTER, "", "Frame bytes of messages to clients, before TLS"),
    CHANNELS("reverb.channels", Type.GAUGE, "kind", "Channels with subscribers on this node, by kind"),
    RESUMES("reverb.resumes", Type.COUNTER, "outcome",
            "Subscriptions of clients that know of positions, by what they were answered: recovered, or the reason"),
    HISTORY_BYTES("reverb.history.bytes", Type.GAUGE, "app",
            "Bytes that the application's channels keep, with scaling over all nodes as of the last heartbeat; bounded"
                    + " by limits.history_memory"),
    HISTORY_DROPPED("reverb.history.dropped", Type.COUNTER, "app",
            "Messages that histories lost before their time, because they took more than they may; with scaling by"
                    + " writes of this node"),
    PUBLICATIONS("reverb.publications", Type.COUNTER, "", "Events accepted by the HTTP API, one for each channel"),
    API_RESPONSES("reverb.api.responses", Type.COUNTER, "status", "Answers of the HTTP API, by status"),
    PUBLISH_SECONDS("reverb.publish.duration.seconds", Type.HISTOGRAM, "",
            "From a publish request's last byte to its acceptance"),
    FAN_OUT_SECONDS("reverb.fanout.duration.seconds", Type.HISTOGRAM, "",
            "From a publication to its write to the subscribers of one event loop"),
    LOOP_LAG_SECONDS("reverb.loop.lag.seconds", Type.GAUGE, "loop", "How late the last tick of an event loop was"),
    LOOP_BACKLOG_BYTES("reverb.loop.backlog.bytes", Type.GAUGE, "loop",
            "Bytes of messages that wait for an event loop"),
    LOOP_FAULTS("reverb.loop.faults", Type.COUNTER, "loop",
            "Tasks of an event loop that failed with an error of the server's own; the loop goes on, the log says "
                    + "which"),
    LISTENER_EVENTS_DROPPED("reverb.listener.events.dropped", Type.COUNTER, "",
            "Events that a slow listener had no room for"),
    TAILS("reverb.tails", Type.GAUGE, "", "Readers of what happens to an application (`reverb tail`)"),
    TAIL_LINES_MISSED("reverb.tail.lines.missed", Type.COUNTER, "",
            "Lines that such a reader had no room for, and was sent the number of"),
    WEBHOOK_DELIVERED("reverb.webhook.delivered", Type.COUNTER, "app,endpoint",
            "Events that an address answered with 2xx; its place in the application's list is the tag `endpoint`"),
    WEBHOOK_FAILED("reverb.webhook.failed", Type.COUNTER, "app,endpoint",
            "Requests that were not answered with 2xx and are sent again"),
    WEBHOOK_DROPPED("reverb.webhook.dropped", Type.COUNTER, "app,endpoint",
            "Events given up for an address: too old, or too many"),
    WEBHOOK_WAITING("reverb.webhook.waiting.bytes", Type.GAUGE, "app,endpoint",
            "Bytes of events that wait for an address on this node"),
    WEBHOOK_OVERFLOW("reverb.webhook.overflow", Type.COUNTER, "",
            "Events lost before they came to a queue, since more waited than may"),
    RELOADS_FAILED("reverb.reloads.failed", Type.COUNTER, "",
            "Changes to the settings file or the certificate that were refused"),
    APPS_REFUSED("reverb.apps.refused", Type.GAUGE, "",
            "Applications of the settings file that are wrong, and left out or served in their last form"),
    SETTINGS_STALE("reverb.settings.stale", Type.GAUGE, "",
            "1 while the settings file is wrong and what it said before is in force"),
    CERTIFICATE_STALE("reverb.certificate.stale", Type.GAUGE, "",
            "1 while the certificate's files are wrong and the one before is in force"),
    CERTIFICATE_EXPIRES("reverb.certificate.expires.seconds", Type.GAUGE, "",
            "When the certificate in force ends, in seconds since 1970; 0 without TLS"),
    DRAIN_ACTIVE("reverb.drain.active", Type.GAUGE, "", "1 while the server drains"),
    DRAIN_REMAINING("reverb.drain.remaining", Type.GAUGE, "", "Connections that the drain has still to close"),
    DRAIN_CUT("reverb.drain.cut", Type.COUNTER, "", "Connections that a drain closed at its deadline, out of pace"),
    REBALANCE_ACTIVE("reverb.rebalance.active", Type.GAUGE, "",
            "1 while the server closes what it has above the mean of all servers"),
    REBALANCE_MOVED("reverb.rebalance.moved", Type.COUNTER, "", "Connections closed so that they move elsewhere"),
    REDIS_CONNECTED("reverb.redis.connected", Type.GAUGE, "",
            "1 while this node reaches Redis and its lease is alive, 0 while it works on what it knows; "
                    + "absent, like all" + " below, where scaling is off"),
    SCALING_NODES("reverb.scaling.nodes", Type.GAUGE, "", "Nodes with live leases, this one too, as last heard"),
    SCALING_HELD("reverb.scaling.held.bytes", Type.GAUGE, "",
            "Bytes of publications that were accepted and are not yet written to Redis"),
    SCALING_RETAINED("reverb.scaling.retained.bytes", Type.GAUGE, "",
            "Bytes kept to be written again, should Redis lose them in a fail-over"),
    SCALING_LAGGING("reverb.scaling.lagging.partitions", Type.GAUGE, "",
            "Partitions in which this node's connections do not keep up, so that publishers are slowed down"),
    SCALING_LAG_BYTES("reverb.scaling.lag.bytes", Type.GAUGE, "",
            "Bytes of publications that wait for this node's connections"),
    SCALING_OUTAGES("reverb.scaling.outages", Type.COUNTER, "", "Times that the link to Redis was lost"),
    SCALING_COMMANDS("reverb.scaling.commands", Type.COUNTER, "", "Commands sent to Redis"),
    SCALING_PUBLISHED("reverb.scaling.published", Type.COUNTER, "", "Publications written for the other nodes"),
    SCALING_RECEIVED("reverb.scaling.received", Type.COUNTER, "",
            "Frames of other nodes taken in; one carries what waited at its origin"),
    SCALING_DUPLICATES("reverb.scaling.duplicates", Type.COUNTER, "",
            "Frames recognised as taken in before, and dropped"),
    SCALING_RECOVERIES("reverb.scaling.recoveries", Type.COUNTER, "", "Reads of a log after a gap or an outage"),
    SCALING_RECOVERED("reverb.scaling.recovered", Type.COUNTER, "",
            "Frames taken in from a log, because their message did not come or came at a bad time"),
    SCALING_HISTORIES("reverb.scaling.histories", Type.COUNTER, "",
            "Times that a log did not have what this node heard last: lost in a fail-over, or away for too long"),
    SCALING_REPLAYED("reverb.scaling.replayed", Type.COUNTER, "", "Frames written again because Redis had lost them"),
    SCALING_REFUSED("reverb.scaling.refused", Type.COUNTER, "",
            "Requests to publish that were answered with 503: too much is held, or subscribers lag"),
    SCALING_OVER_SHARE("reverb.scaling.over.share", Type.COUNTER, "",
            "Of these, those of an application that puts more into the log in Redis than its share"),
    SCALING_LOG_BYTES("reverb.scaling.log.bytes", Type.GAUGE, "",
            "Bytes of what all nodes have published and Redis still keeps, as of the last heartbeat"),
    SCALING_REAPED("reverb.scaling.reaped", Type.COUNTER, "", "Dead nodes whose entries this node removed"),
    SCALING_LAPSED("reverb.scaling.lapsed", Type.COUNTER, "",
            "Times that this node was away for longer than its lease and was counted as gone"),
    SCALING_SKIPPED("reverb.scaling.skipped", Type.COUNTER, "",
            "Frames and messages from Redis that this release cannot read: not from a node, or of a later version"),
    SCALING_STALLED("reverb.scaling.stalled.partitions", Type.GAUGE, "",
            "Partitions that Redis takes nothing for now; their publications are held, or refused"),
    SCALING_SET_ASIDE("reverb.scaling.set.aside", Type.COUNTER, "",
            "Frames given up because a script failed over them again and again; the log names each"),
    REDIS_ERRORS("reverb.redis.errors", Type.COUNTER, "code",
            "Error replies of Redis by their code, and failures of the connection: `TIMEOUT`, `CONNECTION`, "
                    + "`UNKNOWN_HOST`, `TLS`");

    /** What a meter's values mean. */
    public enum Type {
        /** Goes up and down. */
        GAUGE,
        /** Only goes up, from 0 at the start; its Prometheus name ends in {@code _total}. */
        COUNTER,
        /** Counts by upper bound. */
        HISTOGRAM
    }

    private final String meterName;
    private final Type type;
    private final String tag;
    private final String description;

    Meter(String meterName, Type type, String tag, String description) {
        this.meterName = meterName;
        this.type = type;
        this.tag = tag;
        this.description = description;
    }

    /** Name in Micrometer's form. */
    public String meterName() {
        return meterName;
    }

    /** Name on the scrape page. */
    public String prometheusName() {
        String base = meterName.replace('.', '_');
        return type == Type.COUNTER ? base + "_total" : base;
    }

    /** What its values mean. */
    public Type type() {
        return type;
    }

    /** Its tag; empty without one. */
    public String tag() {
        return tag;
    }

    /** What is measured. */
    public String description() {
        return description;
    }

    /** The reference page, Markdown. */
    public static String reference() {
        StringBuilder page = new StringBuilder("""
            # Meters

            Served in the Prometheus text format at `/metrics` of the management port (8081 unless set). This page is
            generated from the catalogue in `dev.reverb.server.metrics.Meter`; meters of the JVM (`jvm_*`, `process_*`,
            `system_*`) and of Netty's allocator (`netty_allocator_*`) come beside these.

            | Meter | Type | Tag | Meaning |
            |---|---|---|---|
            """);
        for (Meter meter : values()) {
            page.append("| `")
                    .append(meter.prometheusName())
                    .append("` | ")
                    .append(meter.type.name().toLowerCase(java.util.Locale.ROOT))
                    .append(" | ")
                    .append(meter.tag.isEmpty() ? "" : "`" + meter.tag.replace(",", "`, `") + "`")
                    .append(" | ")
                    .append(meter.description)
                    .append(" |\n");
        }
        return page.append("""

            Tags have few values; `app` has as many as applications had clients on the node since its start. With
            5,000 of them `reverb_connections`, `reverb_messages_received_total` and `reverb_messages_sent_total` take
            680 KB of the page, about 140 bytes an application, and a scrape about 60 ms of one processor. What does
            not need the application drops the tag where it scrapes, or sums over it.
            """).toString();
    }
}
