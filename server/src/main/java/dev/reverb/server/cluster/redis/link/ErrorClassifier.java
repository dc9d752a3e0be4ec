package dev.reverb.server.cluster.redis.link;

import dev.reverb.server.cluster.redis.fault.RedisError;
import dev.reverb.server.cluster.redis.fault.RedisFault;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.cluster.PartitionSelectorException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/** Turns what Lettuce throws into the catalogue's faults. Pure. */
public final class ErrorClassifier {

    private static final int DEPTH = 16;
    /** What Netty's native transport puts before the system's words. */
    private static final Pattern NATIVE = Pattern.compile("\\w+\\(\\.\\.\\) failed with error\\(-?\\d+\\): ");

    private ErrorClassifier() {}

    /** @param address where the command or the connection went */
    public static RedisError of(Throwable e, String address, boolean tls) {
        Throwable cause = e;
        for (int i = 0; i < DEPTH; i++) {
            RedisFault fault = fault(cause);
            if (fault != RedisFault.OTHER) {
                return new RedisError(fault, address, words(fault, cause));
            }
            if (cause.getCause() == null) {
                break;
            }
            cause = cause.getCause();
        }
        String words = text(cause);
        boolean protocol = words.contains("byte") || words.contains("RedisProtocol") || words.contains("decode");
        if (!tls && protocol) {
            return new RedisError(RedisFault.TLS, address,
                    "the answer is not Redis's protocol (" + words + "); does this port expect TLS?");
        }
        return new RedisError(RedisFault.CONNECTION, address,
                words.contains("DB index is out of range") ? words + "; REDIS_DB names a database that it does not have"
                        : words);
    }

    /** Of an attempt to connect, where one side may speak TLS to the other that does not. */
    static RedisError ofAttempt(Throwable e, String address, boolean tls) {
        RedisError error = of(e, address, tls);
        String hint = switch (error.fault()) {
            case TIMEOUT,
                    CONNECTION ->
                error.words().contains("refused") || error.words().contains("route") ? ""
                        : tls ? "; this side speaks TLS: does that port?"
                                : error.words().contains("reset") || error.words().contains("closed")
                                        ? "; does that port expect TLS?"
                                        : "";
            default -> "";
        };
        return hint.isEmpty() ? error : new RedisError(error.fault(), address, error.words() + hint);
    }

    private static RedisFault fault(Throwable e) {
        return switch (e) {
            case RedisCommandExecutionException reply -> RedisFault.ofReply(text(reply));
            case RedisCommandTimeoutException _ -> RedisFault.TIMEOUT;
            case io.netty.channel.ConnectTimeoutException _ -> RedisFault.TIMEOUT;
            case UnknownHostException _ -> RedisFault.UNKNOWN_HOST;
            case UnresolvedAddressException _ -> RedisFault.UNKNOWN_HOST;
            case SSLException _ -> RedisFault.TLS;
            case ConnectException _ -> RedisFault.CONNECTION;
            case NoRouteToHostException _ -> RedisFault.CONNECTION;
            case ClosedChannelException _ -> RedisFault.CONNECTION;
            case PartitionSelectorException _ -> RedisFault.CLUSTERDOWN;
            default -> RedisFault.OTHER;
        };
    }

    private static String words(RedisFault fault, Throwable cause) {
        String text = text(cause);
        return switch (fault) {
            case UNKNOWN_HOST -> "unknown host (" + text + ")";
            case TLS -> text + "; does this port expect TLS, and is its certificate trusted?";
            case NOAUTH -> "NOAUTH it wants a password; set REDIS_PASSWORD, and REDIS_USERNAME for a user of its ACL";
            // Netty adds the address, which stands before these words already
            case CONNECTION -> text.replaceFirst(": [^ ]*/[^ ]+$", "");
            case WRONGPASS -> text + "; are REDIS_PASSWORD and REDIS_USERNAME right?";
            default -> text;
        };
    }

    private static String text(Throwable e) {
        String message = e.getMessage();
        if (message == null || message.isBlank()) {
            return e.getClass().getSimpleName();
        }
        String plain = NATIVE.matcher(message).replaceFirst("");
        return plain.substring(plain.lastIndexOf("]: ") < 0 ? 0 : plain.lastIndexOf("]: ") + 3);
    }
}
