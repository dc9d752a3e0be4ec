package dev.reverb.server.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverb.model.AppCatalogue;
import dev.reverb.model.setting.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The reference page says what the catalogue says; {@code -Dreverb.write-docs=true} writes it. */
final class SettingsPageTest {
    private static final Path PAGE = Path.of("..", "docs", "settings.md");

    @Test
    void thePageIsCurrent() throws IOException {
        String page = SettingsPage.markdown();
        if (Boolean.getBoolean("reverb.write-docs")) {
            Files.writeString(PAGE, page);
        }

        assertEquals(page, Files.readString(PAGE),
                "write it with ./mvnw test -pl server -am -Dtest=SettingsPageTest -Dsurefire.failIfNoSpecifiedTests=false"
                        + " -Dreverb.write-docs=true");
    }

    @Test
    void everySettingOfTheCatalogueIsInTheListAndNoNameIsThereTwice() throws IllegalAccessException {
        for (Class<?> catalogue : List.of(ServerSettings.class, AppCatalogue.class)) {
            List<?> all = catalogue == ServerSettings.class ? ServerSettings.ALL : AppCatalogue.ALL;
            long declared = Stream.of(catalogue.getFields()).filter(field -> field.getType() == Setting.class).count();
            assertEquals(declared, all.size(), catalogue.getSimpleName());
        }
        List<String> variables = Stream.concat(ServerSettings.ALL.stream(), AppCatalogue.ALL.stream())
                .map(Setting::variable)
                .toList();
        assertEquals(variables.stream().distinct().count(), variables.size());
        SettingsPage.parseDefaults(ServerSettings.ALL);
        SettingsPage.parseDefaults(AppCatalogue.ALL);
    }
}
