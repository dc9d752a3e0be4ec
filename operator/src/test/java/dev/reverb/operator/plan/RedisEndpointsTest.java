package dev.reverb.operator.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverb.crd.ExternalRedisSpec;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the operator reads from the URL of an external Redis: what servers read from it. */
class RedisEndpointsTest {

    @ParameterizedTest
    @CsvSource({"redis://redis, redis.shop.svc:6379", "rediss://:p%40ss@redis_1:6380/2, redis_1.shop.svc:6380",
            "redis://redis.example.com:7000?database=3, redis.example.com:7000", "redis://[::1]:6379, [::1]:6379"})
    void whereItListens(String url, String endpoint) {
        assertEquals(Optional.empty(), RedisEndpoints.refusal(url));
        assertEquals(List.of(endpoint), RedisEndpoints
                .of(new ExternalRedisSpec(null, null, null, null, null, null, null), Optional.of(url), "shop"));
    }

    @Test
    void aSecretMayEndInALineBreak() {
        assertEquals(Optional.empty(), RedisEndpoints.refusal("redis://redis:6379/1\n"));
        assertEquals("1", RedisEndpoints.database("redis://redis:6379/1\n"));
    }

    /** Where servers read it from; another one moves them one by one. */
    @ParameterizedTest
    @CsvSource({"redis://redis/2, 2", "redis://redis?database=3, 3", "redis://redis/?db=4, 4", "redis://redis, ''"})
    void theDatabaseIsTheOneThatServersUse(String url, String database) {
        assertEquals(database, RedisEndpoints.database(url));
    }

    @ParameterizedTest
    @ValueSource(strings = {"redis", "http://redis", "redis://", "redis://redis:0", "redis://redis:70000",
            "redis://redis/a", "redis://a b"})
    void whatServersRefuseIsRefused(String url) {
        assertEquals(true, RedisEndpoints.refusal(url).isPresent());
    }
}
