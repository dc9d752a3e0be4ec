package dev.reverb.server.api.publish;

import dev.reverb.server.api.exchange.ApiReply;
import dev.reverb.server.api.exchange.ApiRequest;
import dev.reverb.server.cluster.IdempotencyKeys;
import dev.reverb.server.cluster.IdempotencyKeys.Claim;
import dev.reverb.server.protocol.JsonObjectScanner;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Requests with a key are carried out once: a repetition gets the first one's answer, and waits for it where that is
 * still to come. This node's requests are matched here, those of other nodes by the cluster; while it is not reached,
 * only the former. A request that is refused frees its key. Any thread.
 */
final class IdempotentRequests {

    static final String HEADER = "X-Idempotency-Key";
    /** Characters of a key. */
    static final int MAX_LENGTH = 128;
    private static final String FIELD = "idempotency_key";
    /** Keys that are remembered here; what is over is forgotten from the oldest on, and known to the cluster only. */
    private static final int MOST = 20_000;

    private record Name(String app, String key) {}

    private static final class Request {
        private final String digest;
        private final List<Consumer<ApiReply>> waiting = new ArrayList<>(1);
        private @Nullable ApiReply answer;
        private long answeredNanos;

        private Request(String digest) {
            this.digest = digest;
        }
    }

    private final IdempotencyKeys keys;
    private final Duration kept;
    private final long keptNanos;
    private final Map<Name, Request> requests = new LinkedHashMap<>();

    /** @param kept how long an answer is remembered */
    IdempotentRequests(IdempotencyKeys keys, Duration kept) {
        this.keys = keys;
        this.kept = kept;
        keptNanos = kept.toNanos();
    }

    /**
     * The key of a request; null without one, and where it is wrong.
     *
     * @param field where the key stands in {@code scanner}
     */
    static @Nullable String key(JsonObjectScanner scanner, int field, ApiRequest request, InvalidFields invalid) {
        String header = request.idempotencyKey();
        String key = scanner.hasValue(field) ? scanner.string(field) : header;
        if (key == null && !scanner.hasValue(field)) {
            return null;
        }
        if (key == null || key.isEmpty() || key.length() > MAX_LENGTH
                || key.chars().anyMatch(c -> c <= ' ' || c > '~')) {
            invalid.add(FIELD, "must be 1 to " + MAX_LENGTH + " characters of ASCII without spaces");
            return null;
        } else if (header != null && !header.equals(key)) {
            invalid.add(FIELD, "is another one than in the header " + HEADER);
            return null;
        }
        return key;
    }

    /** What distinguishes one request from another with the same key. */
    static String digest(String route, ApiRequest request) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(route.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            sha.update(request.body(), 0, request.bodyLength());
            return HexFormat.of().formatHex(sha.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Answers a repetition, or lets {@code first} carry the request out, which calls what it is given once. */
    void once(String app, String key, String digest, Consumer<ApiReply> reply, Consumer<Consumer<ApiReply>> first) {
        Name name = new Name(app, key);
        Request mine = new Request(digest);
        ApiReply known = null;
        synchronized (requests) {
            Request other = requests.get(name);
            if (other != null && other.answer != null && System.nanoTime() - other.answeredNanos > keptNanos) {
                requests.remove(name);
                other = null;
            }
            if (other == null) {
                makeRoom();
                requests.put(name, mine);
                mine.waiting.add(reply);
            } else if (!other.digest.equals(digest)) {
                known = otherBody();
            } else if (other.answer == null) {
                other.waiting.add(reply);
                return;
            } else {
                known = other.answer;
            }
        }
        if (known != null) {
            reply.accept(known);
            return;
        }
        var _ = keys.claim(app, key, digest).whenComplete((claim, failure) -> {
            if (failure != null) {
                carryOut(name, mine, first);
                return;
            }
            switch (claim) {
                case Claim.First _ -> carryOut(name, mine, first);
                case Claim.UnderWay _ -> end(name, mine,
                        ApiReply.unavailable("Another request with this " + FIELD + " is being carried out", 1), false);
                case Claim.Answered(String other, byte[] answer) -> {
                    boolean same = other.equals(digest);
                    end(name, mine, same ? ApiReply.ok(answer) : otherBody(), same);
                }
            }
        });
    }

    private void carryOut(Name name, Request mine, Consumer<Consumer<ApiReply>> first) {
        try {
            first.accept(answer -> {
                boolean done = answer.status() == 200;
                if (done) {
                    keys.answered(name.app, name.key, mine.digest, answer.body(), kept);
                } else {
                    keys.refused(name.app, name.key);
                }
                end(name, mine, answer, done);
            });
        } catch (RuntimeException | Error e) {
            keys.refused(name.app, name.key);
            end(name, mine, ApiReply.error(500, "The server failed to carry the request out"), false);
            throw e;
        }
    }

    private void end(Name name, Request request, ApiReply answer, boolean remember) {
        List<Consumer<ApiReply>> waiting;
        synchronized (requests) {
            if (request.answer != null) {
                return;
            }
            request.answer = answer;
            request.answeredNanos = System.nanoTime();
            waiting = List.copyOf(request.waiting);
            request.waiting.clear();
            if (!remember) {
                requests.remove(name, request);
            }
        }
        waiting.forEach(reply -> reply.accept(answer));
    }

    /** Forgets what is too old, from the oldest on, and one more where there are too many. */
    private void makeRoom() {
        long now = System.nanoTime();
        Iterator<Request> oldest = requests.values().iterator();
        while (oldest.hasNext()) {
            Request request = oldest.next();
            boolean old = request.answer != null && now - request.answeredNanos > keptNanos;
            if (!old && (requests.size() < MOST || request.answer == null)) {
                return;
            }
            oldest.remove();
        }
    }

    private static ApiReply otherBody() {
        InvalidFields invalid = new InvalidFields();
        invalid.add(FIELD, "was used with another request; a key belongs to one request and its repetitions");
        return invalid.reply();
    }
}
