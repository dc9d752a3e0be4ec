package dev.reverb.server.cluster.redis.base;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.reverb.server.cluster.message.ChannelId;

/**
 * Names of keys and topics. Everything of a partition carries its hash tag, so that a Redis Cluster keeps it in one
 * slot
 * and one script may touch it all. Topics name the database too: publish/subscribe, unlike keys, spans all databases of
 * a server. Immutable.
 *
 * @param prefix before everything, without braces
 * @param database the database's number
 */
public record Keyspace(String prefix, int database) {

    /**
     * Many more than nodes, so that a node receives little that is not its own; few enough to ask all of them at once.
     */
    public static final int CHANNEL_PARTITIONS = 256;

    /** The partition of requests to all nodes, which every node listens to. */
    public static final int CONTROL = CHANNEL_PARTITIONS;

    public Keyspace {
        if (prefix.indexOf('{') >= 0 || prefix.indexOf('}') >= 0) {
            throw new IllegalArgumentException("REVERB_SCALING_CHANNEL: '" + prefix + "' must not contain { or }");
        }
    }

    /** The same on every node and in every version: {@link String#hashCode} is specified. */
    public static int partition(ChannelId channel) {
        int h = channel.app().hashCode() * 31 + channel.name().hashCode();
        h = (h ^ (h >>> 16)) * 0x85ebca6b;
        h = (h ^ (h >>> 13)) * 0xc2b2ae35;
        return (h ^ (h >>> 16)) & (CHANNEL_PARTITIONS - 1);
    }

    public String base(int partition) {
        return prefix + ":" + tag(partition);
    }

    public byte[] log(int partition) {
        return bytes(base(partition) + ":log");
    }

    public byte[] origins(int partition) {
        return bytes(base(partition) + ":origins");
    }

    public byte[] topic(int partition) {
        return bytes(topicPrefix() + tag(partition));
    }

    /** What topics begin with: {@link #tag} follows. */
    public String topicPrefix() {
        return prefix + ":" + database + ":";
    }

    /** The hash tag of a partition, with its braces. */
    public static String tag(int partition) {
        return "{" + partition + "}";
    }

    /** The partition that a topic ends with. */
    public static int partitionOf(byte[] topic) {
        int value = 0;
        int unit = 1;
        for (int i = topic.length - 2; i >= 0 && topic[i] != '{'; i--, unit *= 10) {
            value += (topic[i] - '0') * unit;
        }
        return value;
    }

    /** Events that wait for webhooks: a stream. */
    public byte[] hooks(int partition) {
        return bytes(base(partition) + ":hooks");
    }

    /** Subscriptions by channel: a hash. */
    public byte[] occupancy(int partition, String app) {
        return bytes(base(partition) + ":occ:" + escape(app));
    }

    /** Distinct members by channel: a hash. */
    public byte[] memberCounts(int partition, String app) {
        return bytes(base(partition) + ":members:" + escape(app));
    }

    /** Data of the members of a channel, by node and user: a hash. */
    public byte[] members(ChannelId channel) {
        return bytes(base(partition(channel)) + ":pres:" + scope(channel));
    }

    /** Ids of the members of a channel, with how many nodes each is on; a hash. */
    public byte[] users(ChannelId channel) {
        return bytes(base(partition(channel)) + ":users:" + scope(channel));
    }

    /** The cached event: a string that expires. */
    public byte[] cache(ChannelId channel) {
        return bytes(base(partition(channel)) + ":cache:" + scope(channel));
    }

    /** What a channel keeps: a stream. */
    public byte[] history(ChannelId channel) {
        return bytes(base(partition(channel)) + ":hist:" + scope(channel));
    }

    /** Where its history ended: a string that outlives it. */
    public byte[] historyEnd(ChannelId channel) {
        return bytes(base(partition(channel)) + ":hpos:" + scope(channel));
    }

    /** Connections of one application by owner, and their total: a hash. */
    public byte[] quota(String app) {
        return bytes(prefix + ":{app:" + escape(app) + "}:connections");
    }

    /** Messages of one application over all nodes: a hash that expires. */
    public byte[] messages(String app) {
        return bytes(prefix + ":{app:" + escape(app) + "}:messages");
    }

    /** A key by which requests of an application are carried out once: a string that expires. */
    public byte[] once(String app, String key) {
        return bytes(prefix + ":once:" + escape(app) + ":" + key);
    }

    /** Owners by when their leases end: a sorted set. */
    public byte[] leases() {
        return bytes(prefix + ":{nodes}:leases");
    }

    /** Owners whose lease ended, by when somebody began to remove their entries: a sorted set. */
    public byte[] expired() {
        return bytes(prefix + ":{nodes}:expired");
    }

    /** Connections by owner that takes some: a hash. */
    public byte[] connections() {
        return bytes(prefix + ":{nodes}:connections");
    }

    /** How many nodes ever joined: a string. */
    public byte[] joined() {
        return bytes(prefix + ":{nodes}:joined");
    }

    /** The last time that a heartbeat saw on Redis: a string. */
    public byte[] clock() {
        return bytes(prefix + ":{nodes}:clock");
    }

    /** Bytes of the logs, by partition, and when somebody looked: a hash. */
    public byte[] logs() {
        return bytes(prefix + ":{nodes}:logs");
    }

    /** Bytes of histories, by partition, and when somebody looked: a hash. */
    public byte[] histories() {
        return bytes(prefix + ":{nodes}:histories");
    }

    /** Ids of the applications that have a {@link #quota} key: a set. */
    public byte[] apps() {
        return bytes(prefix + ":{nodes}:apps");
    }

    /** What a node tries its rights on: a hash, a stream, a sorted set and a string. */
    public byte[][] probe() {
        String base = prefix + ":{nodes}:probe:";
        return new byte[][]{bytes(base + "hash"), bytes(base + "stream"), bytes(base + "set"), bytes(base + "string")};
    }

    /** The topic that a node tries to publish to; nobody subscribes to it. */
    public byte[] probeTopic() {
        return bytes(prefix + ":" + database + ":{nodes}");
    }

    /** The owner whose turn it is to restart: a string. */
    public byte[] turn() {
        return bytes(prefix + ":{nodes}:turn");
    }

    /** A channel as it stands in keys and in the log: the application's id up to the first colon, then the name. */
    public static String scope(ChannelId channel) {
        return escape(channel.app()) + ":" + channel.name();
    }

    /** Back from {@link #scope}. */
    public static ChannelId channel(String scope) {
        int colon = scope.indexOf(':');
        return new ChannelId(unescape(scope.substring(0, colon)), scope.substring(colon + 1));
    }

    /** The application's id in a {@link #scope}. */
    public static String appOf(byte[] scope) {
        int colon = 0;
        while (scope[colon] != ':') {
            colon++;
        }
        return unescape(new String(scope, 0, colon, UTF_8));
    }

    public static String escape(String app) {
        if (app.indexOf(':') < 0 && app.indexOf('%') < 0 && app.indexOf('}') < 0) {
            return app;
        }
        return app.replace("%", "%25").replace(":", "%3A").replace("}", "%7D");
    }

    private static String unescape(String app) {
        return app.indexOf('%') < 0 ? app : app.replace("%3A", ":").replace("%7D", "}").replace("%25", "%");
    }

    public static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    public static byte[] bytes(long number) {
        return Long.toString(number).getBytes(UTF_8);
    }
}
