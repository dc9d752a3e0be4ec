package dev.reverb.server.cluster.redis.link;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One Redis command beside the scripts, as data, so that a link of a test can answer it.
 *
 * @param <T> what it replies
 */
public sealed interface Command<T> {

    /** {@code HGET}: the value of a field, null for none. */
    record HashField(byte[] key, byte[] field) implements Command<byte[]> {}

    /** {@code HGETALL}. */
    record HashFields(byte[] key) implements Command<Map<byte[], byte[]>> {}

    /** {@code HKEYS}. */
    record HashKeys(byte[] key) implements Command<List<byte[]>> {}

    /** {@code GET}: the value of a string, null for none. */
    record Value(byte[] key) implements Command<byte[]> {}

    /** {@code PTTL}: milliseconds until a key expires; negative where it does not, or is not there. */
    record MillisToLive(byte[] key) implements Command<Long> {}

    /** {@code SADD}: how many members are new. */
    record AddMember(byte[] key, byte[] member) implements Command<Long> {}

    /** {@code SMEMBERS}. */
    record Members(byte[] key) implements Command<Set<byte[]>> {}

    /** {@code ZCARD}. */
    record SortedSetSize(byte[] key) implements Command<Long> {}

    /** {@code PUBLISH}, or {@code SPUBLISH} where topics live in slots: how many received it. */
    record Publish(byte[] topic, byte[] message) implements Command<Long> {}
}
