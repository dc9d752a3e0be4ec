package dev.reverb.operator;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private static final String[] PURE = {"dev.reverb.operator.desired..", "dev.reverb.operator.plan..",
            "dev.reverb.operator.roll..", "dev.reverb.operator.scale.."};
    private static final JavaClasses OPERATOR = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("/test/"))
            .importPackages("dev.reverb.operator");

    /** Every package is a slice of its own. */
    private static final SliceAssignment PACKAGES = new SliceAssignment() {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            return SliceIdentifier.of(type.getPackageName());
        }

        @Override
        public String getDescription() {
            return "packages of the operator";
        }
    };

    @Test
    void whatIsDesiredAndDecidedKnowsNoClient() {
        noClasses().that()
                .resideInAnyPackage(PURE)
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("io.fabric8.kubernetes.client.KubernetesClient")
                .orShould()
                .dependOnClassesThat()
                .resideInAnyPackage("io.fabric8.kubernetes.client.dsl..", "io.fabric8.kubernetes.client.informers..",
                        "io.fabric8.kubernetes.client.utils..", "io.javaoperatorsdk..", "java.net.http..",
                        "dev.reverb.operator.reconcile..", "dev.reverb.operator.observe..", "dev.reverb.operator.act..",
                        "dev.reverb.operator.report..")
                .check(OPERATOR);
    }

    @Test
    void whatIsDecidedReadsNoClock() {
        noClasses().that()
                .resideInAnyPackage(PURE)
                .should()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .check(OPERATOR);
    }

    @Test
    void noTwoPackagesDependOnEachOther() {
        slices().assignedFrom(PACKAGES).should().beFreeOfCycles().check(OPERATOR);
    }

    @Test
    void noPackageImportsUpward() {
        noClasses().that()
                .resideInAPackage("dev.reverb.operator.observe..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.reverb.operator.act..", "dev.reverb.operator.report..")
                .check(OPERATOR);
        noClasses().that()
                .resideInAPackage("dev.reverb.operator.report..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.reverb.operator.act..")
                .check(OPERATOR);
        noClasses().that()
                .resideOutsideOfPackage("dev.reverb.operator.reconcile..")
                .and()
                .resideOutsideOfPackage("dev.reverb.operator")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.reverb.operator.reconcile..")
                .check(OPERATOR);
    }

    @Test
    void aPackageHoldsAtMostFifteenClassesAndNoNameStandsTwice() {
        List<JavaClass> top = OPERATOR.stream()
                .filter(type -> type.isTopLevelClass() && !type.getSimpleName().equals("package-info"))
                .toList();
        Map<String, Long> sizes = new TreeMap<>(
                top.stream().collect(Collectors.groupingBy(JavaClass::getPackageName, Collectors.counting())));
        sizes.values().removeIf(size -> size <= 15);
        assertEquals(Map.of(), sizes);
        Map<String, Long> names = new TreeMap<>(
                top.stream().collect(Collectors.groupingBy(JavaClass::getSimpleName, Collectors.counting())));
        names.values().removeIf(count -> count == 1);
        assertEquals(Map.of(), names);
    }
}
