package dev.reverb.operator.plan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reverb.crd.ExternalRedisSpec;
import dev.reverb.crd.RedisSpec;
import dev.reverb.crd.ReverbClusterSpec;
import dev.reverb.crd.TlsSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a spec that cannot change without an outage for the length of a roll: whether servers end TLS, and which
 * Redis they share. While clients are connected such a part stays as the servers have it, until an annotation allows
 * its outage; everything else of the spec comes into force. Pure.
 *
 * @param plan to act by
 * @param held one sentence for each part that stays as it is: the field, the cost, and how to go on
 * @param taken one sentence for each part that changes now: the field and the cost
 * @param allowed parts whose outage is allowed
 * @param clients whether clients are connected, as far as is known
 */
public record PartsInForce(
        ClusterPlan plan,
        List<String> held,
        List<String> taken,
        Set<String> allowed,
        boolean clients) {
    /** Name of the part, in {@link Labels#ALLOW_OUTAGE}. */
    public static final String TLS = "tls";
    /** Name of the part, in {@link Labels#ALLOW_OUTAGE}. */
    public static final String REDIS = "redis";

    /** The reason in conditions while a part is held. */
    public static final String NOT_ALLOWED = "OutageNotAllowed";

    /** Characters; what is longer is not guarded, as all annotations of an object together have at most 256 KiB. */
    private static final int LARGEST = 50_000;
    private static final JsonMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();
    private static final String APART = "servers that were replaced and servers that were not do not share a Redis"
            + " until the last one is: what is published at one does not reach clients of the other, presence is"
            + " counted twice, and what the former one keeps stays there";

    /** The parts as the servers are made of them, which may be null. */
    private record Parts(@Nullable TlsSpec tls, @Nullable RedisSpec redis) {}

    /**
     * What is in force of {@code asked}.
     *
     * @param before {@link #text} of the plan that the servers were made by last; null when there are none
     * @param annotations of the ReverbCluster
     * @param clients whether clients are connected, or may be
     */
    public static PartsInForce of(ClusterPlan asked, @Nullable String before, @Nullable Map<String, String> annotations,
            boolean clients) {
        Set<String> allowed = new HashSet<>();
        if (annotations != null) {
            Arrays.stream(annotations.getOrDefault(Labels.ALLOW_OUTAGE, "").split(","))
                    .map(String::strip)
                    .forEach(allowed::add);
        }
        Parts parts = read(before);
        if (parts == null) {
            return new PartsInForce(asked, List.of(), List.of(), allowed, clients);
        }
        List<String> held = new ArrayList<>();
        List<String> taken = new ArrayList<>();
        ObjectNode spec = JSON.valueToTree(asked.spec());
        boolean on = asked.spec().tls() != null;
        Map<String, String> costs = new LinkedHashMap<>();
        if (on != (parts.tls() != null)) {
            costs.put(TLS, "spec.tls: with TLS switched " + (on ? "on" : "off")
                    + ", each server answers in one way alone until the last one is replaced, and clients, back ends"
                    + " and the edge do not reach those of the other");
        }
        String moved = moved(parts.redis(), asked.spec().redis());
        if (!moved.isEmpty()) {
            costs.put(REDIS, moved + ": " + APART);
        }
        costs.forEach((part, cost) -> {
            if (clients && !allowed.contains(part)) {
                spec.set(part, JSON.valueToTree(part.equals(TLS) ? parts.tls() : parts.redis()));
                held.add(held(part, cost));
            } else {
                taken.add(cost);
            }
        });
        return new PartsInForce(held.isEmpty() ? asked : with(asked, spec), List.copyOf(held), List.copyOf(taken),
                Collections.unmodifiableSet(allowed), clients);
    }

    /** The sentence for a part that stays as it is because of {@code cost}, which begins with the field. */
    public static String held(String part, String cost) {
        return cost + ". It stays as it is while clients are connected; write the annotation " + Labels.ALLOW_OUTAGE
                + ": " + part + " on the cluster to change it nevertheless, or take the change back";
    }

    /** The sentence for another database of the Redis that {@code field} names. */
    public static String anotherDatabase(String field) {
        return field + " names another database: " + APART;
    }

    /** Whether the part may change now. */
    public boolean allows(String part) {
        return !clients || allowed.contains(part);
    }

    /** What is to be remembered of {@code plan}, by which the servers are made; empty when it is too large. */
    public static String text(ClusterPlan plan) {
        try {
            String text = JSON.writeValueAsString(new Parts(plan.spec().tls(), plan.spec().redis()));
            return text.length() > LARGEST ? "" : text;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static @Nullable Parts read(@Nullable String before) {
        if (before == null || before.isEmpty()) {
            return null;
        }
        try {
            return JSON.readValue(before, Parts.class);
        } catch (JsonProcessingException _) {
            return null; // somebody wrote over it, or it is a later version's
        }
    }

    private static ClusterPlan with(ClusterPlan asked, JsonNode spec) {
        try {
            return new ClusterPlan(asked.namespace(), asked.name(), asked.uid(),
                    JSON.treeToValue(spec, ReverbClusterSpec.class), asked.operator());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The field by which {@code after} is another Redis than {@code before}, with what is changed; empty if none. */
    private static String moved(@Nullable RedisSpec before, @Nullable RedisSpec after) {
        ExternalRedisSpec was = before == null ? null : before.external();
        ExternalRedisSpec is = after == null ? null : after.external();
        if (was == null || is == null) {
            return was == null && is == null ? ""
                    : is == null ? "spec.redis changes to a managed Redis" : "spec.redis changes to an external Redis";
        }
        if (!Objects.equals(was.prefix(), is.prefix())) {
            return "spec.redis.external.prefix changes";
        }
        if (!kind(was).equals(kind(is))) {
            return "spec.redis.external changes to " + kind(is);
        }
        if (Collections.disjoint(nodes(was), nodes(is)) && !nodes(is).isEmpty()) {
            return "spec.redis.external has none of its former nodes";
        }
        return "";
    }

    private static String kind(ExternalRedisSpec redis) {
        return redis.sentinel() != null ? "the Sentinels' master " + redis.sentinel().master()
                : redis.cluster() != null ? "a Redis Cluster" : "a single Redis";
    }

    private static List<String> nodes(ExternalRedisSpec redis) {
        return redis.sentinel() != null ? redis.sentinel().nodes()
                : redis.cluster() != null ? redis.cluster().nodes() : List.of();
    }
}
