package dev.reverb.operator.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.reverb.crd.ReverbClusterSpec;
import dev.reverb.operator.settings.OperatorSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PartsInForceTest {
    private static final YAMLMapper YAML = new YAMLMapper();

    private static ClusterPlan plan(String spec) {
        try {
            return new ClusterPlan("team", "chat", "uid", YAML.readValue(spec, ReverbClusterSpec.class),
                    OperatorSettings.load(Map.of()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static PartsInForce parts(String before, String after, Map<String, String> annotations, boolean clients) {
        return PartsInForce.of(plan(after), PartsInForce.text(plan(before)), annotations, clients);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"{} | {tls: {secretName: a}} | tls | spec.tls: with TLS switched on",
            "{tls: {secretName: a}} | {} | tls | spec.tls: with TLS switched off",
            "{} | {redis: {external: {urlSecret: {name: a}}}} | redis | spec.redis changes to an external Redis",
            "{redis: {external: {urlSecret: {name: a}}}} | {} | redis | spec.redis changes to a managed Redis",
            "{redis: {external: {urlSecret: {name: a}}}} | {redis: {external: {urlSecret: {name: a}, prefix: p}}} "
                    + "| redis | spec.redis.external.prefix changes",
            "{redis: {external: {urlSecret: {name: a}}}} | {redis: {external: {sentinel: {master: m, nodes: ['a:1']}}}}"
                    + " | redis | spec.redis.external changes to the Sentinels' master m",
            "{redis: {external: {sentinel: {master: m, nodes: ['a:1']}}}} | {redis: {external: {sentinel: {master: n,"
                    + " nodes: ['a:1']}}}} | redis | spec.redis.external changes to the Sentinels' master n",
            "{redis: {external: {cluster: {nodes: ['a:1']}}}} | {redis: {external: {cluster: {nodes: ['b:1']}}}} "
                    + "| redis | spec.redis.external has none of its former nodes"})
    void whatCostsAnOutageIsHeldWhileClientsAreConnected(String before, String after, String part, String says) {
        PartsInForce held = parts(before, "{replicas: 5, " + after.substring(1), Map.of(), true);
        assertEquals(1, held.held().size(), held.held().toString());
        assertTrue(held.held().getFirst().startsWith(says), held.held().toString());
        assertTrue(held.held().getFirst().contains("reverb.dev/allow-outage: " + part), held.held().toString());
        assertEquals(PartsInForce.text(plan(before)), PartsInForce.text(held.plan()));
        assertEquals(5, held.plan().replicas());

        for (PartsInForce free : List.of(parts(before, after, Map.of(), false),
                parts(before, after, Map.of("reverb.dev/allow-outage", "else, " + part), true))) {
            assertEquals(List.of(), free.held());
            assertTrue(free.taken().getFirst().startsWith(says), free.taken().toString());
            assertEquals(PartsInForce.text(plan(after)), PartsInForce.text(free.plan()));
        }
        assertEquals(1, parts(before, after, Map.of("reverb.dev/allow-outage", "else"), true).held().size());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"{} | {redis: {managed: {image: 'r:1'}}}",
            "{tls: {secretName: a}} | {tls: {secretName: b}}",
            "{redis: {external: {urlSecret: {name: a}}}} | {redis: {external: {urlSecret: {name: b}}}}",
            "{redis: {external: {cluster: {nodes: ['a:1']}}}} | {redis: {external: {cluster: {nodes: ['b:1', 'a:1']},"
                    + " username: u}}}"})
    void whatCostsNoOutageComesIntoForce(String before, String after) {
        PartsInForce parts = parts(before, after, Map.of(), true);
        assertEquals(List.of(), parts.held());
        assertEquals(List.of(), parts.taken());
        assertEquals(PartsInForce.text(plan(after)), PartsInForce.text(parts.plan()));
    }

    @Test
    void nothingIsHeldOfAClusterWithoutServersOrOfWhatSomebodyWroteOver() {
        for (String text : new String[]{null, "", "{", "[]"}) {
            assertEquals(List.of(), PartsInForce.of(plan("{tls: {secretName: a}}"), text, null, true).held());
        }
    }
}
