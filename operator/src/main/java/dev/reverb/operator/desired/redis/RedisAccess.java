package dev.reverb.operator.desired.redis;

import dev.reverb.operator.plan.Digest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Which passwords the managed Redis accepts: that of now, and those before it while servers change over. Redis is
 * given digests alone.
 *
 * @param password which servers use
 * @param digests SHA-256 of every password that is accepted, that of {@code password} first
 * @param control the password of the user that may do nothing but set these, for the pod's own probe
 */
public record RedisAccess(String password, List<String> digests, String control) {
    /** The probe's user. */
    static final String CONTROL_USER = "reverb-probe";

    public RedisAccess {
        digests = List.copyOf(digests);
    }

    /** One password alone. */
    public static RedisAccess of(String password, String control) {
        return new RedisAccess(password, List.of(Digest.sha256(password)), control);
    }

    /** {@code password}, and {@code former} digests besides. */
    public static RedisAccess of(String password, List<String> former, String control) {
        List<String> digests = new ArrayList<>(List.of(Digest.sha256(password)));
        former.stream().filter(digest -> !digests.contains(digest)).forEach(digests::add);
        return new RedisAccess(password, digests, control);
    }

    /** The digests in {@code rule}, which {@link #rule} made. */
    public static List<String> digests(String rule) {
        return Arrays.stream(rule.split(" "))
                .filter(part -> part.startsWith("#"))
                .map(part -> part.substring(1))
                .toList();
    }

    /** Arguments of {@code ACL SETUSER default}. */
    public String rule() {
        return "resetpass " + digests.stream().map(digest -> "#" + digest).collect(Collectors.joining(" "));
    }

    /** Both users, as lines of Redis's configuration. */
    String users() {
        String accepted = digests.stream().map(digest -> "#" + digest).collect(Collectors.joining(" "));
        return "user default on " + accepted + " ~* &* +@all\nuser " + CONTROL_USER + " on #" + Digest.sha256(control)
                + " +ping +acl|setuser\n";
    }

    /** Says nothing, so that it may stand in a log line. */
    @Override
    public String toString() {
        return "RedisAccess[…]";
    }
}
