package dev.reverb.server.cluster.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.reverb.server.cluster.ChannelId;

/**
 * Names of keys and topics. Everything of a partition carries its hash tag, so that a Redis Cluster keeps it in one
 * slot
 * and one script may touch it all. Topics name the database too: publish/subscribe, unlike keys, spans all databases of
 * a server. Immutable.
 *
 * @param prefix before everything, without braces
 * @param database the database's number
 */
record Keyspace(String prefix, int database) {

    /** Many more than nodes, so that a node hears little that is not its own; few enough to ask all of them at once. */
    static final int CHANNEL_PARTITIONS = 256;

    /** The partition of requests to all nodes, which every node listens to. */
    static final int CONTROL = CHANNEL_PARTITIONS;

    Keyspace {
        if (prefix.indexOf('{') >= 0 || prefix.indexOf('}') >= 0) {
            throw new IllegalArgumentException("REVERB_SCALING_CHANNEL: '" + prefix + "' must not contain { or }");
        }
    }

    /** The same on every node and in every version: {@link String#hashCode} is specified. */
    static int partition(ChannelId channel) {
        int h = channel.app().hashCode() * 31 + channel.name().hashCode();
        h = (h ^ (h >>> 16)) * 0x85ebca6b;
        h = (h ^ (h >>> 13)) * 0xc2b2ae35;
        return (h ^ (h >>> 16)) & (CHANNEL_PARTITIONS - 1);
    }

    String base(int partition) {
        return prefix + ":{" + partition + "}";
    }

    byte[] log(int partition) {
        return bytes(base(partition) + ":log");
    }

    byte[] origins(int partition) {
        return bytes(base(partition) + ":origins");
    }

    byte[] topic(int partition) {
        return bytes(prefix + ":" + database + ":{" + partition + "}");
    }

    /** The partition that a topic ends with. */
    static int partitionOf(byte[] topic) {
        int value = 0;
        int unit = 1;
        for (int i = topic.length - 2; i >= 0 && topic[i] != '{'; i--, unit *= 10) {
            value += (topic[i] - '0') * unit;
        }
        return value;
    }

    /** Subscriptions by channel: a hash. */
    byte[] occupancy(int partition, String app) {
        return bytes(base(partition) + ":occ:" + escape(app));
    }

    /** Distinct members by channel: a hash. */
    byte[] memberCounts(int partition, String app) {
        return bytes(base(partition) + ":members:" + escape(app));
    }

    /** Members of a channel, and on how many nodes each of them is: a hash. */
    byte[] users(ChannelId channel) {
        return bytes(base(partition(channel)) + ":users:" + scope(channel));
    }

    /** The cached event: a string that expires. */
    byte[] cache(ChannelId channel) {
        return bytes(base(partition(channel)) + ":cache:" + scope(channel));
    }

    /** Connections of one application by owner, and their total: a hash. */
    byte[] quota(String app) {
        return bytes(prefix + ":{app:" + escape(app) + "}:connections");
    }

    /** Owners by when their leases end: a sorted set. */
    byte[] leases() {
        return bytes(prefix + ":{nodes}:leases");
    }

    /** Owners whose lease ended, by when somebody began to remove their entries: a sorted set. */
    byte[] doomed() {
        return bytes(prefix + ":{nodes}:doomed");
    }

    /** Connections by owner that takes some: a hash. */
    byte[] connections() {
        return bytes(prefix + ":{nodes}:connections");
    }

    /** How many nodes ever joined: a string. */
    byte[] joined() {
        return bytes(prefix + ":{nodes}:joined");
    }

    /** Ids of the applications that have a {@link #quota} key: a set. */
    byte[] apps() {
        return bytes(prefix + ":{nodes}:apps");
    }

    /** The owner whose turn it is to restart: a string. */
    byte[] turn() {
        return bytes(prefix + ":{nodes}:turn");
    }

    /** A channel as it stands in keys and in the log: the application's id up to the first colon, then the name. */
    static String scope(ChannelId channel) {
        return escape(channel.app()) + ":" + channel.name();
    }

    /** Back from {@link #scope}. */
    static ChannelId channel(String scope) {
        int colon = scope.indexOf(':');
        return new ChannelId(unescape(scope.substring(0, colon)), scope.substring(colon + 1));
    }

    private static String escape(String app) {
        if (app.indexOf(':') < 0 && app.indexOf('%') < 0 && app.indexOf('}') < 0) {
            return app;
        }
        return app.replace("%", "%25").replace(":", "%3A").replace("}", "%7D");
    }

    private static String unescape(String app) {
        return app.indexOf('%') < 0 ? app : app.replace("%3A", ":").replace("%7D", "}").replace("%25", "%");
    }

    static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    static byte[] bytes(long number) {
        return Long.toString(number).getBytes(UTF_8);
    }
}
