package dev.reverb.server.cluster.redis.simulation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The data types of Redis as far as the scripts use them. Keys and values are bytes, kept as Latin-1 text. What a
 * command answers: a {@code Long}, a {@code String}, a {@code List}, null, or {@link Status}.
 */
final class RedisData {

    enum Status {
        OK
    }

    /** What Redis refuses while its memory is full. */
    private static final Set<String> GROWING = Set.of("SET", "HSET", "HSETNX", "HINCRBY", "XADD", "ZADD", "SADD",
            "INCR");

    private static final Set<String> WRITING = Set.of("SET", "HSET", "HSETNX", "HINCRBY", "XADD", "ZADD", "SADD",
            "INCR", "DEL", "HDEL", "ZREM", "XTRIM", "XDEL", "PEXPIRE");

    /** An error reply. */
    static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1;

        Refused(String message) {
            super(message, null, false, false);
        }
    }

    /** The keys of one hash tag: how many there are, and how often they were written. */
    private static final class Slot {
        private int keys;
        private long writes;
    }

    private final Map<String, Object> values = new HashMap<>();
    private final Map<String, Slot> slots = new HashMap<>();
    private long cleared;
    private final Map<String, Long> expires = new HashMap<>();
    private final LongSupplier millis;
    boolean full;
    /** Whether the script that runs has written: from then on Redis lets it end, memory or not. */
    boolean dirty;

    RedisData(LongSupplier millis) {
        this.millis = millis;
    }

    private static String tag(String key) {
        int open = key.indexOf('{');
        return open < 0 ? "" : key.substring(open, key.indexOf('}', open) + 1);
    }

    private Slot slot(String key) {
        return slots.computeIfAbsent(tag(key), _ -> new Slot());
    }

    private void put(String key, Object value) {
        Slot slot = slot(key);
        slot.keys += values.put(key, value) == null ? 1 : 0;
        slot.writes++;
    }

    /**
     * Which state the one key of its hash tag is in: the same as long as nothing changed. -1 where there are others
     * with the tag, or where time alone changes what there is.
     */
    long version(String key) {
        Slot slot = slot(key);
        return slot.keys != 1 || expires.containsKey(key) || !(values.get(key) instanceof Map<?, ?>) ? -1
                : slot.writes + (cleared << 40);
    }

    void clear() {
        slots.clear();
        cleared++;
        values.clear();
        expires.clear();
    }

    /** A copy of what there is now. */
    RedisData copy() {
        RedisData copy = new RedisData(millis);
        copy.restore(this);
        return copy;
    }

    @SuppressWarnings("unchecked")
    void restore(RedisData from) {
        clear();
        from.values.forEach((key, value) -> put(key, switch (value) {
            case RedisStream stream -> stream.copy();
            case Map<?, ?> map -> new LinkedHashMap<>(map);
            case Set<?> set -> new LinkedHashSet<>(set);
            default -> value;
        }));
        expires.putAll(from.expires);
    }

    /** How many entries all streams have. */
    int entries() {
        return values.values()
                .stream()
                .mapToInt(value -> value instanceof RedisStream stream ? stream.size() : 0)
                .sum();
    }

    private @Nullable Object find(String key) {
        Long until = expires.get(key);
        if (until != null && until <= millis.getAsLong()) {
            delete(key);
        }
        return values.get(key);
    }

    private boolean delete(String key) {
        expires.remove(key);
        boolean there = values.remove(key) != null;
        if (there) {
            Slot slot = slot(key);
            slot.keys--;
            slot.writes++;
        }
        return there;
    }

    @SuppressWarnings("unchecked")
    private Map<String, String> hash(String key, boolean make) {
        Object value = find(key);
        if (value == null) {
            Map<String, String> hash = new LinkedHashMap<>();
            if (make) {
                put(key, hash);
            }
            return hash;
        }
        return (Map<String, String>) value;
    }

    @SuppressWarnings("unchecked")
    private Map<String, Double> scores(String key, boolean make) {
        Object value = find(key);
        if (value == null) {
            Map<String, Double> scores = new LinkedHashMap<>();
            if (make) {
                put(key, scores);
            }
            return scores;
        }
        return (Map<String, Double>) value;
    }

    private RedisStream stream(String key, boolean make) {
        Object value = find(key);
        if (value == null) {
            RedisStream stream = new RedisStream();
            if (make) {
                put(key, stream);
            }
            return stream;
        }
        return (RedisStream) value;
    }

    @SuppressWarnings("unchecked")
    Set<String> set(String key) {
        if (!values.containsKey(key)) {
            put(key, new LinkedHashSet<String>());
        }
        return (Set<String>) Objects.requireNonNull(values.get(key));
    }

    private void dropEmpty(String key) {
        if (values.get(key) instanceof Map<?, ?> map && map.isEmpty()) {
            delete(key);
        }
    }

    /** Runs one command. */
    @Nullable
    Object call(List<String> a) {
        String name = a.getFirst().toUpperCase(Locale.ROOT);
        if (full && !dirty && GROWING.contains(name)) {
            throw new Refused("OOM command not allowed when used memory > 'maxmemory'.");
        }
        if (WRITING.contains(name)) {
            dirty = true;
            slot(a.get(1)).writes += values.containsKey(a.get(1)) ? 1 : 0;
        }
        return switch (name) {
            case "TIME" -> {
                long now = millis.getAsLong();
                yield List.of(Long.toString(now / 1000), Long.toString(now % 1000 * 1000));
            }
            case "GET" -> find(a.get(1));
            case "SET" -> set(a);
            case "INCR" -> {
                long value = Long.parseLong((String) orElse(find(a.get(1)), "0")) + 1;
                put(a.get(1), Long.toString(value));
                yield value;
            }
            case "DEL" -> count(a, 1, key -> find(key) != null && delete(key));
            case "EXISTS" -> count(a, 1, key -> find(key) != null);
            case "PEXPIRE" -> {
                boolean there = find(a.get(1)) != null;
                if (there) {
                    expires.put(a.get(1), millis.getAsLong() + Long.parseLong(a.get(2)));
                }
                yield there ? 1L : 0L;
            }
            case "PTTL" -> {
                boolean there = find(a.get(1)) != null;
                Long until = expires.get(a.get(1));
                yield Long.valueOf(!there ? -2 : until == null ? -1 : until - millis.getAsLong());
            }
            case "SADD" -> count(a, 2, set(a.get(1))::add);
            case "SMEMBERS" -> List.copyOf(set(a.get(1)));
            case "HGET", "HMGET", "HGETALL", "HKEYS", "HSET", "HSETNX", "HDEL", "HINCRBY", "HLEN", "HEXISTS" ->
                hash(name, a);
            case "ZADD", "ZREM", "ZSCORE", "ZCARD", "ZCOUNT", "ZRANGE", "ZRANGEBYSCORE" -> sorted(name, a);
            case "XADD", "XLEN", "XRANGE", "XREVRANGE", "XTRIM", "XDEL" ->
                stream(a.get(1), name.equals("XADD")).call(name, a);
            default -> throw new Refused("ERR unknown command '" + name + "' in the model");
        };
    }

    private static Object orElse(@Nullable Object value, Object other) {
        return value == null ? other : value;
    }

    private interface Test {
        boolean of(String text);
    }

    private static Long count(List<String> a, int from, Test test) {
        long count = 0;
        for (String one : a.subList(from, a.size())) {
            count += test.of(one) ? 1 : 0;
        }
        return count;
    }

    private @Nullable Object set(List<String> a) {
        Long until = null;
        for (int i = 3; i < a.size(); i++) {
            switch (a.get(i).toUpperCase(Locale.ROOT)) {
                case "PX" -> until = millis.getAsLong() + Long.parseLong(a.get(++i));
                case "NX" -> {
                    if (find(a.get(1)) != null) {
                        return null;
                    }
                }
                default -> throw new Refused("ERR syntax error: SET … " + a.get(i) + " is not in the model");
            }
        }
        expires.remove(a.get(1));
        put(a.get(1), a.get(2));
        if (until != null) {
            expires.put(a.get(1), until);
        }
        return Status.OK;
    }

    @SuppressWarnings("RefactorSwitch") // some cases are blocks
    private @Nullable Object hash(String name, List<String> a) {
        String key = a.get(1);
        Map<String, String> hash = hash(key, name.equals("HSET") || name.equals("HSETNX") || name.equals("HINCRBY"));
        switch (name) {
            case "HGET" -> {
                return hash.get(a.get(2));
            }
            case "HMGET" -> {
                List<@Nullable Object> found = new ArrayList<>();
                a.subList(2, a.size()).forEach(field -> found.add(hash.get(field)));
                return found;
            }
            case "HGETALL" -> {
                List<String> all = new ArrayList<>();
                hash.forEach((field, value) -> {
                    all.add(field);
                    all.add(value);
                });
                return all;
            }
            case "HKEYS" -> {
                return new ArrayList<>(hash.keySet());
            }
            case "HLEN" -> {
                return (long) hash.size();
            }
            case "HEXISTS" -> {
                return hash.containsKey(a.get(2)) ? 1L : 0L;
            }
            case "HSET" -> {
                long added = 0;
                for (int i = 2; i < a.size(); i += 2) {
                    added += hash.put(a.get(i), a.get(i + 1)) == null ? 1 : 0;
                }
                return added;
            }
            case "HSETNX" -> {
                return hash.putIfAbsent(a.get(2), a.get(3)) == null ? 1L : 0L;
            }
            case "HINCRBY" -> {
                long value = Long.parseLong(hash.getOrDefault(a.get(2), "0")) + Long.parseLong(a.get(3));
                hash.put(a.get(2), Long.toString(value));
                return value;
            }
            default -> {
                Long removed = count(a, 2, field -> hash.remove(field) != null);
                dropEmpty(key);
                return removed;
            }
        }
    }

    private static double bound(String text) {
        return switch (text) {
            case "-inf" -> Double.NEGATIVE_INFINITY;
            case "+inf" -> Double.POSITIVE_INFINITY;
            default -> Double.parseDouble(text.startsWith("(") ? text.substring(1) : text);
        };
    }

    private static boolean within(double score, String min, String max) {
        double low = bound(min);
        double high = bound(max);
        return (min.startsWith("(") ? score > low : score >= low)
                && (max.startsWith("(") ? score < high : score <= high);
    }

    @SuppressWarnings("RefactorSwitch") // some cases are blocks
    private @Nullable Object sorted(String name, List<String> a) {
        String key = a.get(1);
        Map<String, Double> scores = scores(key, name.equals("ZADD"));
        switch (name) {
            case "ZADD" -> {
                int i = 2;
                boolean onlyNew = a.get(2).equalsIgnoreCase("NX");
                i += onlyNew ? 1 : 0;
                long added = 0;
                for (; i < a.size(); i += 2) {
                    double score = Double.parseDouble(a.get(i));
                    boolean there = scores.containsKey(a.get(i + 1));
                    if (!there || !onlyNew) {
                        scores.put(a.get(i + 1), score);
                    }
                    added += there ? 0 : 1;
                }
                return added;
            }
            case "ZREM" -> {
                Long removed = count(a, 2, member -> scores.remove(member) != null);
                dropEmpty(key);
                return removed;
            }
            case "ZSCORE" -> {
                Double score = scores.get(a.get(2));
                return score == null ? null : text(score);
            }
            case "ZCARD" -> {
                return (long) scores.size();
            }
            case "ZCOUNT" -> {
                return scores.values().stream().filter(score -> within(score, a.get(2), a.get(3))).count();
            }
            default -> {
                return range(name, a, scores);
            }
        }
    }

    private static List<String> range(String name, List<String> a, Map<String, Double> scores) {
        List<Map.Entry<String, Double>> order = new ArrayList<>(scores.entrySet());
        order.sort(Map.Entry.<String, Double>comparingByValue().thenComparing(Map.Entry.comparingByKey()));
        boolean withScores = a.stream().anyMatch("WITHSCORES"::equalsIgnoreCase);
        if (name.equals("ZRANGE")) {
            int from = Integer.parseInt(a.get(2));
            int to = Integer.parseInt(a.get(3));
            order = order.subList(Math.min(from, order.size()),
                    to < 0 ? order.size() + to + 1 : Math.min(to + 1, order.size()));
        } else {
            order.removeIf(entry -> !within(entry.getValue(), a.get(2), a.get(3)));
            int limit = a.indexOf("LIMIT");
            if (limit > 0) {
                int from = Integer.parseInt(a.get(limit + 1));
                int most = Integer.parseInt(a.get(limit + 2));
                order = order.subList(Math.min(from, order.size()), Math.min(from + most, order.size()));
            }
        }
        List<String> found = new ArrayList<>();
        for (Map.Entry<String, Double> entry : order) {
            found.add(entry.getKey());
            if (withScores) {
                found.add(text(entry.getValue()));
            }
        }
        return found;
    }

    private static String text(double number) {
        return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
    }
}
