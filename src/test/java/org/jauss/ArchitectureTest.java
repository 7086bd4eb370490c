package org.jauss;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keeps the packages in their layers, and a few habits of the house. */
final class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("org.jauss");

    /** Which packages of the library each package may see, besides itself. */
    private static final Map<String, List<String>> MAY_SEE = new TreeMap<>(Map.ofEntries(
            Map.entry("kernels", List.of()),
            Map.entry("kernels.simd", List.of("kernels")),
            Map.entry("tensor", List.of("kernels")),
            Map.entry("layers", List.of("tensor")),
            Map.entry("losses", List.of("tensor")),
            Map.entry("optimizers", List.of("kernels", "tensor")),
            Map.entry("metrics", List.of("tensor")),
            Map.entry("data", List.of("tensor")),
            Map.entry("io", List.of("tensor")),
            Map.entry("train", List.of("tensor", "layers", "losses", "optimizers", "metrics", "data", "io")),
            Map.entry("experiments", List.of("kernels", "io", "train", "report")),
            Map.entry(
                    "cli",
                    List.of(
                            "kernels",
                            "tensor",
                            "layers",
                            "losses",
                            "optimizers",
                            "metrics",
                            "data",
                            "io",
                            "train",
                            "report")),
            Map.entry(
                    "report",
                    List.of("kernels", "tensor", "layers", "losses", "optimizers", "metrics", "data", "io", "train")),
            Map.entry(
                    "examples",
                    List.of(
                            "kernels",
                            "tensor",
                            "layers",
                            "losses",
                            "optimizers",
                            "metrics",
                            "data",
                            "io",
                            "train",
                            "experiments",
                            "report"))));

    @SuppressWarnings("UnusedVariable") // Named by @FieldSource.
    private static final List<String> PACKAGES = List.copyOf(MAY_SEE.keySet());

    @Test
    void theLibraryIsOnTheClassPath() {
        assertFalse(CLASSES.isEmpty());
    }

    @ParameterizedTest
    @FieldSource("PACKAGES")
    void eachPackageSeesOnlyTheLayersBelow(String name) {
        var seen = members(name);
        for (String other : MAY_SEE.get(name)) {
            seen = seen.or(members(other));
        }
        check(noClasses()
                .that(members(name))
                .should()
                .dependOnClassesThat(resideInAPackage("org.jauss..")
                        .and(not(seen))
                        .as("are in org.jauss but neither in %s nor in %s", name, MAY_SEE.get(name))));
    }

    @Test
    void everyPackageHasItsPlaceInTheTable() {
        String[] known =
                PACKAGES.stream().map(name -> "org.jauss." + name + "..").toArray(String[]::new);
        String[] all = Arrays.copyOf(known, known.length + 1);
        all[known.length] = "org.jauss";
        check(classes().should().resideInAnyPackage(all));
    }

    @Test
    void kernelsNeedNothingButTheJdkAndSlf4j() {
        check(classes()
                .that()
                .resideInAPackage("org.jauss.kernels..")
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                        "java..",
                        "com.sun.management..",
                        "jdk.incubator.vector..",
                        "org.slf4j..",
                        "org.jspecify..",
                        "org.jauss.kernels..")));
    }

    @Test
    void packagesAreFreeOfCycles() {
        check(slices().matching("org.jauss.(**)").should().beFreeOfCycles());
    }

    @Test
    void onlyProgramsUseStandardStreams() {
        check(noClasses()
                .that()
                .resideOutsideOfPackages("org.jauss.cli..", "org.jauss.examples..")
                .should(ACCESS_STANDARD_STREAMS));
    }

    @Test
    void onlySimdKernelsNameTheVectorModule() {
        check(noClasses()
                .that()
                .resideOutsideOfPackage("org.jauss.kernels.simd..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("jdk.incubator.vector.."));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Impl", "Util", "Utils", "Manager", "Helper", "Factory"})
    void noClassHidesItsPurposeBehind(String suffix) {
        check(noClasses().should().haveSimpleNameEndingWith(suffix));
    }

    @Test
    void concreteClassesAreFinal() {
        check(classes()
                .that()
                .areTopLevelClasses()
                .and()
                .areNotInterfaces()
                .and()
                .areNotEnums()
                .and()
                .doNotHaveModifier(JavaModifier.ABSTRACT)
                .should()
                .haveModifier(JavaModifier.FINAL));
    }

    /** The classes of a package with those below it, the SIMD kernels always apart from the kernels. */
    private static DescribedPredicate<JavaClass> members(String name) {
        var members = resideInAPackage("org.jauss." + name + "..");
        return name.equals("kernels") ? members.and(not(members("kernels.simd"))) : members;
    }

    @Test
    void numbersBesideFloatVectorsAreFloats() {
        var ofLong = new DescribedPredicate<JavaMethodCall>("is a method of FloatVector for a long") {
            @Override
            public boolean test(JavaMethodCall call) {
                return call.getTargetOwner().getName().equals("jdk.incubator.vector.FloatVector")
                        && call.getTarget().getRawParameterTypes().stream()
                                .anyMatch(type -> type.getName().equals("long"));
            }
        };
        check(noClasses().should().callMethodWhere(ofLong).because("JDK 17 may put each of the vectors on the heap"));
    }

    /** A package without classes yet breaks no rule. */
    private static void check(ArchRule rule) {
        rule.allowEmptyShould(true).check(CLASSES);
    }
}
