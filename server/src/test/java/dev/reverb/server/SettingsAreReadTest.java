package dev.reverb.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.reverb.model.App;
import dev.reverb.model.RateLimiting;
import dev.reverb.model.WebhookEndpoint;
import dev.reverb.server.config.ScalingConfig;
import dev.reverb.server.config.ServerConfig;
import dev.reverb.server.config.TlsConfig;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A setting that nothing reads is a promise that nobody keeps. */
class SettingsAreReadTest {

    private static final JavaClasses SERVER = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.reverb.server");

    @Test
    void everySettingHasAReaderOutsideOfSettings() {
        Set<String> unread = new TreeSet<>();
        List<Class<?>> records = new ArrayList<>(
                List.of(App.class, RateLimiting.class, WebhookEndpoint.class, TlsConfig.class));
        Stream.of(ServerConfig.class, ScalingConfig.class).forEach(config -> {
            records.add(config);
            Stream.of(config.getDeclaredClasses()).filter(Class::isRecord).forEach(records::add);
        });
        Set<String> read = new TreeSet<>();
        SERVER.stream()
                .filter(reader -> !reader.getPackageName().startsWith("dev.reverb.server.config"))
                .filter(reader -> !reader.getSimpleName().equals("CheckCommand")) // it shows what is set
                .flatMap(reader -> Stream.concat(reader.getMethodCallsFromSelf().stream(),
                        reader.getMethodReferencesFromSelf().stream()))
                .map(JavaAccess::getTarget)
                .forEach(target -> read.add(target.getOwner().getName() + "." + target.getName()));
        // what a method of the record derives from a setting is read where that method is called
        for (Class<?> settings : records) {
            if (SERVER.contain(settings)) {
                SERVER.get(settings)
                        .getMethods()
                        .stream()
                        .filter(method -> read.contains(settings.getName() + "." + method.getName()))
                        .flatMap(method -> method.getFieldAccesses().stream())
                        .map(JavaAccess::getTarget)
                        .forEach(field -> read.add(field.getOwner().getName() + "." + field.getName()));
            }
        }
        for (Class<?> settings : records) {
            for (RecordComponent setting : settings.getRecordComponents()) {
                if (!read.contains(settings.getName() + "." + setting.getName())) {
                    unread.add(settings.getSimpleName() + "." + setting.getName());
                }
            }
        }

        assertEquals(Set.of(), unread);
    }
}
