package dev.reverb.operator.rbac;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PermissionTest {
    @ParameterizedTest
    @EnumSource
    void theCheckedInRulesAreTheCatalogue(Permission.Scope scope) throws IOException {
        Path file = Path.of("src/main/rbac", scope.file());
        if (Boolean.getBoolean("rbac.write")) {
            Files.createDirectories(file.getParent());
            Files.writeString(file, Permission.yaml(scope));
        }
        assertEquals(Permission.yaml(scope), Files.readString(file),
                "stale: run ./mvnw -pl operator test -Dtest=PermissionTest -Drbac.write=true");
    }
}
