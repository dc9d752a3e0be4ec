package dev.reverb.model.read;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverb.model.App;
import dev.reverb.model.AppCatalogue;
import dev.reverb.model.AppIdentity;
import dev.reverb.model.RateLimiting;
import dev.reverb.model.setting.Setting;
import dev.reverb.model.setting.SettingProblem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What may be asked of an application before it is written to a file. */
final class AppRulesTest {

    @Test
    void anApplicationThatAServerTakesHasNoProblems() {
        assertEquals(List.of(), AppRules.check(entry()));
        assertEquals(List.of(),
                AppRules.check(with("rate_limiting", Map.of("enabled", true, "max_attempts", 5, "decay_seconds", 2))));
        assertEquals(List.of(), AppRules.check(with("webhooks", List.of(Map.of("url", "https://example.com/hook",
                "events", List.of("channel_occupied"), "headers", Map.of("X-Token", "abc"))))));
        assertEquals(List.of(), AppRules.check(with("cache_ttl", "1h30m")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"ping_interval|0s|ping_interval|whole seconds from 1 to 86400",
            "max_message_size|2000000|max_message_size|at most limits.outbound_buffer", "key|a/b|key|1 to 200 letters",
            "max_connections|3000000000|max_connections|a whole number",
            "max_conections|1|max_conections|did you mean max_connections", "app_id||''|app_id is missing",
            "webhooks|no|webhooks|a list is expected"})
    void aWrongSettingIsNamedByItsKeyWithWhatIsAllowed(String key, String value, String path, String allowed) {
        List<SettingProblem> problems = AppRules.check(with(key, value == null ? "" : value));

        assertEquals(1, problems.size(), problems.toString());
        assertEquals(path, problems.getFirst().key());
        assertTrue(problems.getFirst().message().contains(allowed), problems.getFirst().message());
    }

    @Test
    void allThatIsWrongIsSaidAtOnce() {
        Map<String, Object> entry = with("ping_interval", 0);
        entry.put("max_connections", -1);
        entry.put("webhooks", List.of(Map.of("url", "ftp://user:hunter2@example.com"),
                Map.of("url", "https://example.com", "events", List.of("channel_ocupied"))));

        List<SettingProblem> problems = AppRules.check(entry);

        assertEquals(List.of("webhooks[0].url", "webhooks[1].events", "ping_interval", "max_connections"),
                problems.stream().map(SettingProblem::key).toList());
        assertTrue(problems.stream().noneMatch(problem -> problem.message().contains("hunter2")), problems.toString());
    }

    @Test
    void aLimitOfTheServerBindsTheApplication() {
        assertEquals(List.of(), AppRules.check(with("max_message_size", 2_000_000), new ServerLimits(0, 4 << 20)));
    }

    @Test
    void theFirstWhoClaimsAnIdOrKeyKeepsIt() {
        List<AppIdentity> apps = List.of(new AppIdentity("a", "k"), new AppIdentity("b", "k"),
                new AppIdentity("a", "l"), new AppIdentity("b", "l"));

        assertEquals(List.of(new AppConflict(1, 0, "key", "k"), new AppConflict(2, 0, "id", "a")),
                AppRules.conflicts(apps));
    }

    /** Names in custom resources lead to the file's and back, so that nobody lists them twice. */
    @Test
    void everySettingHasOneNameInCustomResourcesAndIsAComponentOfTheApplication() {
        List<String> components = new ArrayList<>(
                List.of(App.class.getRecordComponents()).stream().map(part -> part.getName()).toList());
        List.of(RateLimiting.class.getRecordComponents()).forEach(part -> components.add(part.getName()));
        for (Setting<?> setting : AppCatalogue.ALL) {
            String custom = AppCatalogue.customName(setting);
            if (!custom.isEmpty()) {
                String[] path = custom.split("\\.");
                Object value = "x";
                for (int i = path.length - 1; i > 0; i--) {
                    value = Map.of(path[i], value);
                }
                Object entry = AppCatalogue.fileEntry(Map.of(path[0], value));
                for (String part : setting.key().split("\\.")) {
                    entry = ((Map<?, ?>) entry).get(part);
                }
                assertEquals("x", entry, custom);
                String component = path[path.length - 1].replace("decaySeconds", "decay");
                assertTrue(components.contains(component), component);
            }
        }
    }

    @Test
    void namesOfHeadersStayAsTheyAreWritten() {
        assertEquals(
                Map.of("app_id", "a", "webhooks",
                        List.of(Map.of("channel_prefix", "p", "headers", Map.of("X-myToken", "t")))),
                AppCatalogue.fileEntry(Map.of("id", "a", "webhooks",
                        List.of(Map.of("channelPrefix", "p", "headers", Map.of("X-myToken", "t"))))));
    }

    private static Map<String, Object> entry() {
        return new HashMap<>(Map.of("app_id", "a", "key", "k", "secret", "s"));
    }

    private static Map<String, Object> with(String key, Object value) {
        Map<String, Object> entry = entry();
        entry.put(key, value);
        return entry;
    }

    @ParameterizedTest
    @CsvSource({"http://my_service:8000/x, true", "https://u:p@a.example, true", "http://a:0/, false",
            "http://a:70000/, false", "http:///x, false", "http://:80/, false", "http://[::1]:80/, true"})
    void aWebhookHasAHostAndAPort(String url, boolean allowed) {
        Map<String, Object> entry = Map.of("app_id", "a", "key", "k", "secret", "s", "webhooks", List.of(url));
        assertEquals(allowed, AppRules.check(entry).isEmpty(), AppRules.check(entry).toString());
    }
}
