package dev.reverb.operator.desired;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.operator.desired.redis.RedisStatefulSet;
import dev.reverb.operator.desired.server.ServerStatefulSet;
import dev.reverb.operator.plan.ClusterPlan;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PodTemplatePatchTest {
    private static String refusal(String template) {
        ClusterPlan plan = Plans.of("{podTemplate: " + template + "}");
        return String.valueOf(
                assertThrows(IllegalArgumentException.class, () -> ServerStatefulSet.template(plan, "")).getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"[{name: server, $patch: delete}]", "null", "[{$patch: replace}, {name: other, image: i}]",
            "[{$patch: replace}, {name: server}, {name: server}, {image: i}, null]", "[null]"})
    void theContainerOfTheServerStays(String containers) {
        String refusal = refusal("{spec: {containers: " + containers + "}}");
        assertTrue(refusal.startsWith("spec.podTemplate.spec.containers: "), refusal);
    }

    @Test
    void soDoesTheOneOfRedis() {
        ClusterPlan plan = Plans
                .of("{redis: {managed: {podTemplate: {spec: {containers: [{name: redis, $patch: delete}]}}}}}");
        String refusal = String.valueOf(assertThrows(IllegalArgumentException.class,
                () -> RedisStatefulSet.template(plan, plan.managedRedis().orElseThrow(), false)).getMessage());
        assertTrue(refusal.startsWith("spec.redis.managed.podTemplate.spec.containers: ")
                && refusal.contains("container redis"), refusal);
    }

    @Test
    void othersMayStandBesideIt() {
        ClusterPlan plan = Plans.of("{podTemplate: {spec: {containers: [{name: side, image: i}]}}}");
        assertEquals(2, ServerStatefulSet.template(plan, "").getSpec().getContainers().size());
    }
}
