package dev.reverb.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import dev.reverb.server.boot.ReverbServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the packages say of themselves, held. */
class ArchitectureTest {

    private static final JavaClasses SERVER = new ClassFileImporter()
            .importUrl(ReverbServer.class.getProtectionDomain().getCodeSource().getLocation());

    private static final SliceAssignment EACH_PACKAGE = new SliceAssignment() {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            return SliceIdentifier.of(type.getPackageName());
        }

        @Override
        public String getDescription() {
            return "each package";
        }
    };

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
                .resideInAnyPackage("dev.reverb.server.cluster", "..cluster.message..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "org.jspecify..", "dev.reverb.server.cluster", "..cluster.message..",
                        "dev.reverb.server.protocol")
                .check(SERVER);
    }

    @Test
    void onlyTheLinkToRedisKnowsLettuce() {
        noClasses().that()
                .resideOutsideOfPackage("..cluster.redis.link..")
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
    void noTwoPackagesAreInACycle() {
        slices().assignedFrom(EACH_PACKAGE).should().beFreeOfCycles().check(SERVER);
    }

    @Test
    void betweenNodesEachPackageKnowsOnlyThoseBelowIt() {
        layeredArchitecture().consideringOnlyDependenciesInAnyPackage("..cluster.redis..")
                .layer("redis")
                .definedBy("dev.reverb.server.cluster.redis")
                .layer("membership")
                .definedBy("..redis.membership..")
                .layer("hook")
                .definedBy("..redis.hook..")
                .layer("quota")
                .definedBy("..redis.quota..")
                .layer("log")
                .definedBy("..redis.log..")
                .layer("frame")
                .definedBy("..redis.frame..")
                .layer("flow")
                .definedBy("..redis.flow..")
                .layer("link")
                .definedBy("..redis.link..")
                .layer("base")
                .definedBy("..redis.base..")
                .layer("budget")
                .definedBy("..redis.budget..")
                .layer("fault")
                .definedBy("..redis.fault..")
                .whereLayer("redis")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("membership")
                .mayOnlyBeAccessedByLayers("redis")
                .whereLayer("hook")
                .mayOnlyBeAccessedByLayers("redis")
                .whereLayer("quota")
                .mayOnlyBeAccessedByLayers("redis")
                .whereLayer("log")
                .mayOnlyBeAccessedByLayers("redis", "membership")
                .whereLayer("frame")
                .mayOnlyBeAccessedByLayers("redis", "membership", "log")
                .whereLayer("flow")
                .mayOnlyBeAccessedByLayers("redis", "log")
                .whereLayer("link")
                .mayOnlyBeAccessedByLayers("redis", "membership", "quota", "hook", "log", "frame", "flow")
                .whereLayer("base")
                .mayOnlyBeAccessedByLayers("redis", "membership", "quota", "hook", "log", "frame", "flow", "link")
                .whereLayer("budget")
                .mayNotAccessAnyLayer()
                .whereLayer("fault")
                .mayNotAccessAnyLayer()
                .check(SERVER);
    }

    @Test
    void betweenNodesOnlyTheClockOfTheMachineReadsTheTime() {
        noClasses().that()
                .resideInAPackage("..cluster.redis..")
                .and()
                .resideOutsideOfPackage("..cluster.redis.base..")
                .should()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(ThreadLocalRandom.class)
                .check(SERVER);
    }

    @Test
    void theHttpApiAndSessionsKnowNoSocket() {
        noClasses().that()
                .resideInAnyPackage("..server.api..", "..server.session..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.netty..", "io.lettuce..", "..server.transport..")
                .check(SERVER);
    }

    /** Where a subscription, its place in its loop and the channel's list of loops are one structure: decision 8. */
    private static final Set<String> LARGE = Set.of("channel");
    private static final int MOST = 15;

    @Test
    void noPackageHasMoreClassesThanAReaderKeepsInMind() {
        Map<String, Long> sizes = topLevel()
                .collect(Collectors.groupingBy(ArchitectureTest::packageName, TreeMap::new, Collectors.counting()));
        sizes.keySet().removeAll(LARGE);
        sizes.values().removeIf(size -> size <= MOST);
        assertEquals(Map.of(), sizes, "packages of more than " + MOST + " classes");
    }

    @Test
    void noClassNameIsThereTwice() {
        Map<String, List<String>> places = topLevel().collect(Collectors.groupingBy(JavaClass::getSimpleName,
                TreeMap::new, Collectors.mapping(JavaClass::getName, Collectors.toList())));
        places.values().removeIf(names -> names.size() == 1);
        assertEquals(Map.of(), places);
    }

    /** The page's table is what the classes do; {@code -Dreverb.write-docs=true} writes it. */
    @Test
    void theTableOfPackagesIsTrue() throws IOException {
        Path page = Path.of("..", "docs", "architecture.md");
        String text = Files.readString(page);
        String current = PackageTable.of(SERVER, text);
        if (Boolean.getBoolean("reverb.write-docs")) {
            Files.writeString(page, current);
        }
        assertEquals(current, Files.readString(page), "write it with ./mvnw test -pl server -am -Dtest=ArchitectureTest"
                + " -Dsurefire.failIfNoSpecifiedTests=false -Dreverb.write-docs=true");
        assertFalse(current.contains("| ? |"), "a package without a concern in docs/architecture.md");
    }

    static Stream<JavaClass> topLevel() {
        return SERVER.stream().filter(type -> type.isTopLevelClass() && !type.getSimpleName().equals("package-info"));
    }

    /** A package of the server without the prefix that all have. */
    static String packageName(JavaClass type) {
        return type.getPackageName().replaceFirst("^dev\\.reverb\\.server\\.?", "");
    }
}
