package dev.reverb.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.crd.ReverbCluster;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.luaj.vm2.Globals;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.LoadState;
import org.luaj.vm2.compiler.LuaC;
import org.luaj.vm2.lib.BaseLib;

/** What Argo CD shows of a cluster by {@code examples/argo-cd/health.lua}, over what the operator wrote. */
class ArgoHealthTest {
    private Harness harness;

    @BeforeEach
    void start() {
        harness = new Harness();
    }

    @AfterEach
    void stop() {
        harness.close();
    }

    /** {@code status: message}, as the script makes it of the resource. */
    private static String health(Map<String, ?> resource) throws IOException {
        Globals globals = new Globals(); // no more of Lua's libraries than what the script needs
        globals.load(new BaseLib());
        LoadState.install(globals);
        LuaC.install(globals);
        globals.set("obj", lua(resource));
        LuaValue health = globals.load(Files.readString(Path.of("..", "examples", "argo-cd", "health.lua"))).call();
        return health.get("status").tojstring() + ": " + health.get("message").tojstring();
    }

    private static LuaValue lua(Object value) {
        return switch (value) {
            case Map<?, ?> map -> {
                LuaTable table = new LuaTable();
                map.forEach((name, of) -> table.set(LuaValue.valueOf((String) name), lua(of)));
                yield table;
            }
            case Collection<?> list -> {
                LuaTable table = new LuaTable();
                list.forEach(of -> table.set(table.length() + 1, lua(of)));
                yield table;
            }
            case Number number -> LuaValue.valueOf(number.doubleValue());
            case Boolean bool -> LuaValue.valueOf(bool);
            default -> LuaValue.valueOf(value.toString());
        };
    }

    /** As the API server has it. */
    private Map<String, Object> resource() {
        ReverbCluster cluster = harness.cluster("chat");
        GenericKubernetesResource found = harness.client.genericKubernetesResources("reverb.dev/v1", "ReverbCluster")
                .inNamespace(harness.namespace)
                .withName("chat")
                .require();
        Map<String, Object> all = new HashMap<>(found.getAdditionalProperties());
        all.put("metadata", Map.of("generation", cluster.getMetadata().getGeneration()));
        return all;
    }

    @Test
    void itIsProgressingUntilServersAreReadyThenHealthyAndProgressingAgainOnceItIsChanged() throws Exception {
        assertEquals("Progressing: waiting for the operator", health(Map.of("metadata", Map.of("generation", 1L))));
        harness.apply("chat", "{}");
        Kubelet kubelet = new Kubelet(harness.namespace, "chat");
        String waits = harness.awaitCondition("chat", "Ready", "False", "ReplicasNotReady").getMessage();
        assertEquals("Progressing: " + waits, health(resource()));
        kubelet.pass();
        kubelet.ready();
        kubelet.pass();
        harness.awaitCondition("chat", "Ready", "True", "AllReplicasReady");
        assertEquals("Healthy: 2 of 2 servers are ready", health(resource()));
        Map<String, Object> changed = resource();
        changed.put("metadata", Map.of("generation", harness.cluster("chat").getMetadata().getGeneration() + 1));
        assertEquals("Progressing: waiting for the operator", health(changed));
    }

    @Test
    void whatCannotWorkIsDegradedAndWhatIsPausedSuspended() throws Exception {
        harness.apply("chat", "{apps: [{id: a, credentialsSecret: none-such}]}");
        String why = harness.awaitCondition("chat", "Degraded", "True", "AppSecretMissing").getMessage();
        assertTrue(why.contains("none-such"), why);
        assertEquals("Degraded: " + why, health(resource()));
        harness.apply("chat", "{}");
        harness.awaitCondition("chat", "Degraded", "False", "AsDesired");
        harness.apply("chat", "{}", "reverb.dev/paused: 'true'");
        String paused = harness.awaitCondition("chat", "Paused", "True", "Annotated").getMessage();
        assertEquals("Suspended: " + paused, health(resource()));
    }
}
