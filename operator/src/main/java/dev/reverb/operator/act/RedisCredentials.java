package dev.reverb.operator.act;

import dev.reverb.crd.ExternalRedisSpec;
import dev.reverb.crd.ManagedRedisSpec;
import dev.reverb.crd.SecretKeyRef;
import dev.reverb.operator.desired.app.ConfigSecret;
import dev.reverb.operator.desired.app.RedisLink;
import dev.reverb.operator.desired.redis.RedisSecret;
import dev.reverb.operator.plan.ClusterPlan;
import dev.reverb.operator.plan.Credentials;
import dev.reverb.operator.plan.PartsInForce;
import dev.reverb.operator.plan.RedisEndpoints;
import dev.reverb.operator.report.EventReason;
import dev.reverb.operator.report.Problem;
import io.fabric8.kubernetes.api.model.Secret;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What servers reach Redis with, from the Secrets that the spec names. What is missing or cannot be used stays as it is
 * in force, and is named in the status.
 *
 * @param link for the servers' file
 * @param complete whether it is all that the spec asks for, in this form or a former one
 * @param kept passwords of the managed Redis that stand beside the applications, by key, in case its Secret is lost
 * @param control the password of the managed Redis's own probe; empty for an external one
 */
public record RedisCredentials(RedisLink link, boolean complete, Map<String, String> kept, Optional<String> control) {
    /** What servers take; bytes that are no UTF-8 were read as the replacement character. */
    private static final Pattern LINE = Pattern.compile("[^\\p{Cntrl}\\x{85}\\x{2028}\\x{2029}\\x{FFFD}]+");

    static RedisCredentials resolve(ReconcileContext context) {
        RedisLink inForce = RedisLink.read(context.config());
        Optional<ExternalRedisSpec> external = context.seen.plan().externalRedis();
        return external.isPresent() ? external(context, external.get(), inForce)
                : managed(context, context.seen.plan().managedRedis().orElseThrow(), inForce);
    }

    private static RedisCredentials managed(ReconcileContext context, ManagedRedisSpec redis, RedisLink inForce) {
        ClusterPlan plan = context.seen.plan();
        Optional<Secret> own = own(context);
        // of an external Redis, or of another cluster's, is no password of this one
        Optional<String> known = inForce.url().isPresent() ? Optional.empty() : inForce.password();
        Optional<String> password = redis.passwordSecret() == null ? Optional.of(generated(context, own, known))
                : usable(context, redis.passwordSecret(), "password", "spec.redis.managed.passwordSecret")
                        .or(() -> known);
        String control = own.flatMap(secret -> Credentials.value(secret.getData(), RedisSecret.CONTROL))
                .or(() -> context.config()
                        .map(Secret::getData)
                        .flatMap(data -> Credentials.value(data, ConfigSecret.REDIS_CONTROL)))
                .orElseGet(() -> Credentials.password(32));
        if (password.isEmpty()) {
            return new RedisCredentials(inForce, false, Map.of(ConfigSecret.REDIS_CONTROL, control),
                    Optional.of(control));
        }
        return new RedisCredentials(RedisLink.managed(plan.names().redis(), password.get()), true,
                Map.of(ConfigSecret.REDIS_CONTROL, control, ConfigSecret.REDIS_PASSWORD, password.get()),
                Optional.of(control));
    }

    private static String generated(ReconcileContext context, Optional<Secret> own, Optional<String> inForce) {
        String name = context.seen.plan().names().redis();
        Optional<String> password = own.flatMap(secret -> Credentials.value(secret.getData(), RedisSecret.PASSWORD));
        Optional<String> refusal = password.flatMap(RedisCredentials::line);
        refusal.ifPresent(why -> context
                .problem(Problem.partial("RedisSecretInvalid", "password of the Secret " + name + ": " + why)));
        if (password.isPresent() && refusal.isEmpty()) {
            return password.get();
        }
        if (refusal.isPresent()) { // written over: the Event of the problem says why
            return inForce.orElseGet(() -> Credentials.password(32));
        }
        // a lost Secret is written again as it was: another password would have to be made known to Redis first
        if (inForce.isPresent()) {
            context.record(EventReason.SecretRestored,
                    "the Secret " + name + " was gone: wrote it again with the password that Redis has");
            return inForce.get();
        }
        if (context.seen.redis().isPresent()) {
            context.record(EventReason.SecretGenerated, "the Secret " + name + " is gone: making a new password");
        }
        return Credentials.password(32);
    }

    /** Redis's own Secret, from the API server where the cache has none. */
    public static Optional<Secret> own(ReconcileContext context) {
        String namespace = context.seen.plan().namespace();
        String name = context.seen.plan().names().redis();
        return context.seen.secrets()
                .find(namespace, name)
                // a cache that is behind would make a second password for a Redis that has its first
                .or(() -> context.seen.secrets().fresh(namespace, name));
    }

    private static RedisCredentials external(ReconcileContext context, ExternalRedisSpec redis, RedisLink inForce) {
        // of a managed Redis is no password of this one
        boolean same = inForce.host().isEmpty();
        // every one of them is looked at, so that one status names all that is missing
        Part url = sameDatabase(context,
                part(context, redis.urlSecret(), "url", "spec.redis.external.urlSecret", inForce.url(), same),
                inForce.url());
        Part password = part(context, redis.passwordSecret(), "password", "spec.redis.external.passwordSecret",
                inForce.password(), same);
        Part sentinel = part(context, redis.sentinel() == null ? null : redis.sentinel().passwordSecret(), "password",
                "spec.redis.external.sentinel.passwordSecret", inForce.sentinelPassword(), same);
        Part ca = part(context, redis.tls() == null ? null : redis.tls().caSecret(), "ca.crt",
                "spec.redis.external.tls.caSecret", inForce.ca(), same);
        boolean complete = url.complete() && password.complete() && sentinel.complete() && ca.complete();
        return new RedisCredentials(
                complete ? new RedisLink(Optional.empty(), url.value(), password.value(), sentinel.value(), ca.value())
                        : inForce,
                complete, Map.of(), Optional.empty());
    }

    /** A URL with another database moves the servers one by one, as another Redis in the spec does. */
    private static Part sameDatabase(ReconcileContext context, Part url, Optional<String> inForce) {
        boolean moves = url.value().isPresent() && inForce.isPresent()
                && !RedisEndpoints.database(url.value().get()).equals(RedisEndpoints.database(inForce.get()));
        if (!moves) {
            return url;
        }
        String cost = PartsInForce.anotherDatabase("spec.redis.external.urlSecret");
        if (context.seen.parts().allows(PartsInForce.REDIS)) {
            context.record(EventReason.OutageBegins, cost);
            return url;
        }
        context.problem(Problem.fatal(PartsInForce.NOT_ALLOWED, PartsInForce.held(PartsInForce.REDIS, cost)));
        return new Part(inForce, true);
    }

    /** One of the values: absent where the spec does not ask for it. */
    private record Part(Optional<String> value, boolean complete) {}

    private static Part part(ReconcileContext context, @Nullable SecretKeyRef reference, String key, String field,
            Optional<String> inForce, boolean same) {
        if (reference == null) {
            return new Part(Optional.empty(), true);
        }
        Optional<String> value = usable(context, reference, key, field);
        Optional<String> used = value.or(() -> same ? inForce : Optional.empty());
        return new Part(used, used.isPresent());
    }

    /** The value that {@code reference} leads to; empty when it is missing or no server could use it. */
    private static Optional<String> usable(ReconcileContext context, SecretKeyRef reference, String key, String field) {
        return value(context, reference, key, field).filter(text -> {
            Optional<String> refusal = switch (key) {
                case "url" -> RedisEndpoints.refusal(text);
                case "ca.crt" -> certificates(text);
                default -> line(text);
            };
            refusal.ifPresent(why -> context.problem(Problem.partial("RedisSecretInvalid",
                    field + ": " + reference.keyOr(key) + " of the Secret " + reference.name() + ": " + why)));
            return refusal.isEmpty();
        });
    }

    /** Why servers could not use {@code password}; empty when they can. */
    private static Optional<String> line(String password) {
        return LINE.matcher(password).matches() ? Optional.empty()
                : Optional.of("it has more than one line, or is no text; write a password in one line of UTF-8");
    }

    private static Optional<String> certificates(String pem) {
        try {
            boolean none = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8)))
                    .isEmpty();
            return none ? Optional.of("there is no certificate in it; write PEM") : Optional.empty();
        } catch (CertificateException _) {
            return Optional.of("it is no certificate; write PEM");
        }
    }

    private static Optional<String> value(ReconcileContext context, SecretKeyRef reference, String key, String field) {
        String namespace = context.seen.plan().namespace();
        Optional<Secret> secret = context.seen.secrets().find(namespace, reference.name());
        Optional<String> value = secret.map(Secret::getData)
                .flatMap(data -> Credentials.value(data, reference.keyOr(key)));
        if (value.isEmpty()) {
            context.problem(Problem.partial("RedisSecretMissing",
                    field + ": "
                            + (secret.isPresent()
                                    ? "the Secret " + reference.name() + " has no key " + reference.keyOr(key)
                                    : "there is no Secret " + reference.name() + " in " + namespace)));
        }
        return value;
    }

    /** Says nothing, so that it may stand in a log line. */
    @Override
    public String toString() {
        return "RedisCredentials[…]";
    }
}
