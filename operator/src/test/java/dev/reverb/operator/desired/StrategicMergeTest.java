package dev.reverb.operator.desired;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StrategicMergeTest {
    private static final YAMLMapper YAML = new YAMLMapper();

    private static JsonNode yaml(String text) throws IOException {
        return YAML.readTree(text);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "fields are merged|{a: 1, b: {c: 2}}|{b: {d: 3}}|{a: 1, b: {c: 2, d: 3}}",
            "null removes|{a: 1, b: 2}|{b: null}|{a: 1}",
            "containers merge by name|{containers: [{name: server, image: a, env: [{name: X, value: "
                    + "1}]}]}|{containers: [{name: server, env: [{name: Y, value: 2}]}]}|{containers: "
                    + "[{name: server, image: a, env: [{name: X, value: 1}, {name: Y, value: 2}]}]}",
            "a container of another name is one more|{containers: [{name: server}]}|{containers: [{name: "
                    + "proxy}]}|{containers: [{name: server}, {name: proxy}]}",
            "the same variable is replaced|{env: [{name: X, value: 1}]}|{env: [{name: X, value: 2}]}|{env: "
                    + "[{name: X, value: 2}]}",
            "mounts merge by path|{volumeMounts: [{mountPath: /a, name: a}]}|{volumeMounts: [{mountPath: "
                    + "/b, name: b}]}|{volumeMounts: [{mountPath: /a, name: a}, {mountPath: /b, name: b}]}",
            "tolerations are a whole|{tolerations: [{key: a}]}|{tolerations: [{key: b}]}|{tolerations: [{key: b}]}",
            "an element is removed by $patch|{volumes: [{name: a}, {name: b}]}|{volumes: [{name: a, $patch: "
                    + "delete}]}|{volumes: [{name: b}]}",
            "an object is replaced by $patch|{a: {b: 1, c: 2}}|{a: {$patch: replace, c: 3}}|{a: {c: 3}}",
            "a list is replaced by $patch|{env: [{name: X, value: 1}]}|{env: [{$patch: replace}, {name: Y, value: "
                    + "2}]}|{env: [{name: Y, value: 2}]}",
            "other keys go with $retainKeys|{volumes: [{name: a, emptyDir: {}}]}|{volumes: [{name: a, $retainKeys: "
                    + "[name, secret], secret: {secretName: s}}]}|{volumes: [{name: a, secret: {secretName: s}}]}",
            "directives do not stay where there was nothing|{}|{a: {$patch: replace, b: {$retainKeys: [c], c: 1}},"
                    + " env: [{$patch: replace}, {name: X}, {name: Y, $patch: delete}]}|{a: {b: {c: 1}}, env: "
                    + "[{name: X}]}"})
    void merges(String what, String base, String patch, String merged) throws IOException {
        assertEquals(yaml(merged), StrategicMerge.merge(yaml(base), yaml(patch)), what);
    }
}
