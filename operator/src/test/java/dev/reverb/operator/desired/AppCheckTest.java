package dev.reverb.operator.desired;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.reverb.crd.AppSpec;
import dev.reverb.model.read.ServerLimits;
import dev.reverb.operator.desired.app.AppAllocation;
import dev.reverb.operator.desired.app.AppCheck;
import dev.reverb.operator.desired.app.AppClaim;
import dev.reverb.operator.desired.app.AppTable;
import dev.reverb.operator.desired.app.RedisLink;
import dev.reverb.operator.desired.app.ServedApp;
import dev.reverb.operator.plan.AppOwner;
import dev.reverb.operator.plan.Credentials;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AppCheckTest {
    private static ServedApp app(String spec, String key) {
        try {
            AppSpec app = new YAMLMapper().readValue(spec, AppSpec.class);
            return new ServedApp(app.id(), new Credentials(key, "secret", List.of()), app.settings(), List.of());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"{id: a, maxMessageSize: 2000000}|maxMessageSize: ",
            "{id: a, webhooks: [{url: 'ftp://my-service/x'}]}|webhooks[0].url: ",
            "{id: a, webhooks: [{url: 'https://h/x', headers: {'X Y': z}}]}|webhooks[0].headers: ",
            "{id: a, allowedOrigins: [b, 'a b']}|allowedOrigins", "{id: a, pingInterval: 25h}|pingInterval: ",
            "{id: a, rateLimiting: {decaySeconds: 100000}}|rateLimiting.decaySeconds: "})
    void whatAServerRefusesIsNamedByItsField(String spec, String field) {
        String refusal = AppCheck.refusal(app(spec, "key"), ServerLimits.STANDARD, "spec").orElseThrow();
        assertTrue(refusal.startsWith("spec." + field), refusal);
    }

    @Test
    void aHeaderFromASecretIsNamedByItsFieldAndItsValueIsNotShown() {
        ServedApp app = app("{id: a, webhooks: [{url: 'https://h/x', headersFrom: {X_Token: {name: s}}}]}", "key");
        ServedApp given = new ServedApp("a", app.credentials(), app.settings(), List.of(Map.of("X_Token", "a\nb")));
        String refusal = AppCheck.refusal(given, ServerLimits.STANDARD, "spec").orElseThrow();
        assertTrue(refusal.startsWith("spec.webhooks[0].headersFrom.X_Token: "), refusal);
        assertFalse(refusal.contains("a\nb"), refusal);
    }

    @Test
    void aKeyThatNoServerTakesIsNamedByItsVariable() {
        String refusal = AppCheck.refusal(app("{id: a}", "abc/+=="), ServerLimits.STANDARD, "spec").orElseThrow();
        assertTrue(refusal.startsWith("the Secret's REVERB_APP_KEY: "), refusal);
    }

    @Test
    void eachOfSeveralPlacesIsNamedWhole() {
        ServedApp app = app("{id: a, maxMessageSize: 2000000, pingInterval: 25h}", "abc/+==");
        String refusal = AppCheck.refusal(app, ServerLimits.STANDARD, "spec.apps[1]").orElseThrow();
        List<String> places = Stream.of(refusal.split("; (?=spec|the Secret)"))
                .map(each -> each.substring(0, each.indexOf(':')))
                .sorted()
                .toList();
        assertEquals(List.of("spec.apps[1].maxMessageSize", "spec.apps[1].pingInterval",
                "the Secret's REVERB_APP_KEY of spec.apps[1]"), places, refusal);
    }

    @Test
    void anAppMayHaveEventsAsLargeAsTheServersOfItsClusterTake() {
        ServedApp app = app("{id: a, maxMessageSize: 2000000}", "key");
        assertEquals(Optional.empty(),
                AppCheck.refusal(app, Plans.of("{limits: {outboundBuffer: 4194304}}").serverLimits(), "spec"));
        assertEquals(Optional.empty(),
                AppCheck.refusal(app, Plans.of("{server: {maxRequestSize: 3000000}}").serverLimits(), "spec"));
        assertTrue(AppCheck.refusal(app, Plans.of("{limits: {outboundBuffer: 1500000}}").serverLimits(), "spec")
                .isPresent());
    }

    @Test
    void whatAServerTakesIsNotRefused() {
        assertEquals(Optional.empty(),
                AppCheck.refusal(
                        app("{id: a, maxConnections: 5, pingInterval: 1m30s, allowedOrigins: ['*.b.c'], webhooks:"
                                + " [{url: 'https://h:8443/x?y=z', events: [cache_miss], headers: {X-A: b}}]}", "key"),
                        ServerLimits.STANDARD, "spec"));
    }

    @Test
    void anAppThatFillsTheFileAloneIsRefused() {
        String headers = "x".repeat(1000);
        StringBuilder spec = new StringBuilder("{id: a, webhooks: [");
        for (int i = 0; i < 80; i++) {
            spec.append("{url: 'https://h/x', headers: {A: ").append(headers).append("}},");
        }
        String refusal = AppCheck.refusal(app(spec.append("]}").toString(), "key"), ServerLimits.STANDARD, "spec")
                .orElseThrow();
        assertTrue(refusal.contains("allowed are 65536"), refusal);
    }

    @Test
    void aFullFileRefusesTheNewestAppsAndKeepsAllOthers() {
        List<AppClaim> claims = new ArrayList<>();
        for (int i = 0; i < 12_000; i++) {
            AppOwner owner = new AppOwner("team", "app" + i, "uid-" + i);
            claims.add(
                    new AppClaim(owner, "team.app" + i, true, Optional.of(app("{id: team.app" + i + "}", "key" + i))));
        }
        AppAllocation first = AppAllocation.of(new AppTable(new TreeMap<>(), new TreeMap<>()), claims);
        assertFalse(first.refused().isEmpty());
        assertTrue(first.table().entries().size() > 4_000, () -> first.table().entries().size() + " apps have room");
        assertTrue(first.table().file(RedisLink.managed("chat-redis", "p")).length()
                + first.table().ownersText().length() < 1 << 20);
        assertTrue(first.refused().values().stream().allMatch(AppAllocation.Refusal.TOO_MANY::equals));
        AppAllocation again = AppAllocation.of(first.table(), claims.reversed());
        assertEquals(first.table().entries().keySet(), again.table().entries().keySet());
    }
}
