package dev.reverb.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** What the packages say of themselves, held. */
class ArchitectureTest {

    private static final JavaClasses SERVER = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.reverb.server");

    @Test
    void theProtocolIsPure() {
        noClasses().that()
                .resideInAPackage("..server.protocol..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.netty..", "io.lettuce..", "tools.jackson..", "java.net..",
                        "java.util.concurrent.locks..")
                .check(SERVER);
    }

    @Test
    void applicationsAndSettingsKnowNoSocket() {
        noClasses().that()
                .resideInAnyPackage("..server.app..", "..server.config..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.netty..", "io.lettuce..", "..server.transport..", "..server.channel..")
                .check(SERVER);
    }

    @Test
    void portsBetweenNodesKnowNeitherRedisNorSockets() {
        classes().that()
                .resideInAPackage("dev.reverb.server.cluster")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "org.jspecify..", "dev.reverb.server.cluster",
                        "dev.reverb.server.protocol")
                .check(SERVER);
    }

    @Test
    void onlyTheRedisClusterKnowsLettuce() {
        noClasses().that()
                .resideOutsideOfPackage("..cluster.redis..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.lettuce..")
                .check(SERVER);
    }

    @Test
    void channelsDoNotKnowWhoTheyDeliverTo() {
        noClasses().that()
                .resideInAPackage("..server.channel..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("..server.transport..", "..server.api..", "..server.management..")
                .check(SERVER);
    }

    @Test
    void theCoreHasNoCycles() {
        slices().matching("dev.reverb.server.(protocol|app|cluster|channel|metrics|listener)..")
                .should()
                .beFreeOfCycles()
                .check(SERVER);
    }
}
