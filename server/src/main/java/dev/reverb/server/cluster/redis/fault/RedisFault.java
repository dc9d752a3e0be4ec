package dev.reverb.server.cluster.redis.fault;

import java.util.Locale;

/**
 * What can be wrong between this node and Redis: a code of Redis's own error replies, or a failure of the connection.
 * The catalogue behind {@code reverb_redis_errors_total{code}}. Pure.
 */
public enum RedisFault {
    /** Memory is full and {@code maxmemory-policy} allows no eviction. */
    OOM(Effect.LINK_DOWN, true),
    /** Writes are stopped because the last snapshot or the append-only file failed. */
    MISCONF(Effect.LINK_DOWN, true),
    /** Fewer replicas than {@code min-replicas-to-write}. */
    NOREPLICAS(Effect.LINK_DOWN, true),
    /** The user lacks a right: a command, a key pattern or a channel pattern. */
    NOPERM(Effect.LINK_DOWN, true),
    /** A password is wanted and none was given. */
    NOAUTH(Effect.LINK_DOWN, true),
    /** The user name or the password is wrong, or the user is off. */
    WRONGPASS(Effect.LINK_DOWN, true),
    /** A command that this server does not have, or has under another name. */
    UNKNOWN_COMMAND(Effect.LINK_DOWN, true),
    /** It became a replica. */
    READONLY(Effect.LINK_DOWN, false),
    /** It is a replica that has lost its primary. */
    MASTERDOWN(Effect.LINK_DOWN, false),
    /** It reads its data set after a start. */
    LOADING(Effect.LINK_DOWN, false),
    /** Somebody's script runs for longer than Redis allows. */
    BUSY(Effect.LINK_DOWN, false),
    /** The Cluster does not serve this slot. */
    CLUSTERDOWN(Effect.PARTITION, false),
    /** A redirection that was followed as often as allowed. */
    MOVED(Effect.PARTITION, false),
    /** A redirection while a slot moves. */
    ASK(Effect.PARTITION, false),
    /** The keys of one command are on both sides of a slot that moves. */
    TRYAGAIN(Effect.PARTITION, false),
    /** Keys of one command in several slots. */
    CROSSSLOT(Effect.PARTITION, false),
    /** A key holds another type than this version writes. */
    WRONGTYPE(Effect.PARTITION, true),
    /** The script is not loaded; it is sent whole. */
    NOSCRIPT(Effect.NONE, false),
    /** A script failed over its arguments or over what it read: sending the same again fails again. */
    SCRIPT(Effect.FRAME, true),
    /** No reply in time. */
    TIMEOUT(Effect.LINK_DOWN, false),
    /** The connection could not be made, or ended. */
    CONNECTION(Effect.LINK_DOWN, false),
    /** The host's name has no address. */
    UNKNOWN_HOST(Effect.LINK_DOWN, false),
    /** One side speaks TLS and the other does not, or the certificate is not trusted. */
    TLS(Effect.LINK_DOWN, true),
    /** Any other error reply. */
    OTHER(Effect.LINK_DOWN, true);

    /** How much of this node's traffic a fault concerns. */
    public enum Effect {
        /** None: it is mended in place. */
        NONE,
        /** One frame of one partition. */
        FRAME,
        /** One partition, or the slot that it is in. */
        PARTITION,
        /** Everything: the node works on local knowledge, as without a connection. */
        LINK_DOWN
    }

    private static final String IN_SCRIPT = "user executing the script";

    private final Effect effect;
    private final boolean lasting;

    RedisFault(Effect effect, boolean lasting) {
        this.effect = effect;
        this.lasting = lasting;
    }

    /** How much it concerns. */
    public Effect effect() {
        return effect;
    }

    /** Whether it seldom ends without somebody's doing, so that attempts come at longer intervals. */
    public boolean lasting() {
        return lasting;
    }

    /**
     * Classifies an error reply.
     *
     * @param reply without the leading {@code -}, for example {@code OOM command not allowed …}
     */
    public static RedisFault ofReply(String reply) {
        String text = reply.startsWith("-") ? reply.substring(1) : reply;
        int space = text.indexOf(' ');
        RedisFault first = named(space < 0 ? text : text.substring(0, space));
        if (first != OTHER) {
            return first;
        }
        if (text.contains(IN_SCRIPT)) {
            return NOPERM; // Redis answers ERR, not NOPERM, to what a script may not do
        }
        String lower = text.toLowerCase(Locale.ROOT);
        if (lower.contains("unknown command") || lower.contains("unknown redis command")) {
            return UNKNOWN_COMMAND;
        }
        if (lower.contains("running script") || lower.contains("user_script")) {
            return raisedIn(text);
        }
        if (lower.startsWith("err client sent auth") || lower.startsWith("err auth")
                || lower.startsWith("err invalid password")) {
            return WRONGPASS;
        }
        return OTHER;
    }

    /** Redis 6 wraps what a command of a script got: {@code ERR Error running script (…): … -OOM command …}. */
    private static RedisFault raisedIn(String text) {
        for (String word : text.split("[\\s:]+")) {
            RedisFault inner = named(word.startsWith("-") ? word.substring(1) : word);
            if (inner != OTHER && inner != SCRIPT) {
                return inner;
            }
        }
        return SCRIPT;
    }

    private static RedisFault named(String code) {
        return switch (code) {
            case "OOM" -> OOM;
            case "MISCONF" -> MISCONF;
            case "NOREPLICAS" -> NOREPLICAS;
            case "NOPERM" -> NOPERM;
            case "NOAUTH" -> NOAUTH;
            case "WRONGPASS" -> WRONGPASS;
            case "READONLY" -> READONLY;
            case "MASTERDOWN" -> MASTERDOWN;
            case "LOADING" -> LOADING;
            case "BUSY" -> BUSY;
            case "CLUSTERDOWN" -> CLUSTERDOWN;
            case "MOVED" -> MOVED;
            case "ASK" -> ASK;
            case "TRYAGAIN" -> TRYAGAIN;
            case "CROSSSLOT" -> CROSSSLOT;
            case "WRONGTYPE" -> WRONGTYPE;
            case "NOSCRIPT" -> NOSCRIPT;
            default -> OTHER;
        };
    }
}
