package io.weavemesh.plugin;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** What this service may import, and why. ArchUnit fails a rule that finds no classes to check. */
class ArchitectureTest {

    private final JavaClasses ours = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.weavemesh.plugin");

    @Test
    void theCoreImportsTheJdkAndTheContractOnly() {
        classes()
                .that()
                .resideInAPackage("io.weavemesh.plugin")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..", "io.weavemesh.contract", "io.weavemesh.plugin", "org.jspecify.annotations")
                .because("it is simulated without bus, disk and Docker")
                .check(ours);
    }

    @Test
    void theCoreReadsNoClockFileThreadOrDie() {
        noClasses()
                .that()
                .resideInAPackage("io.weavemesh.plugin")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "java.io",
                        "java.nio.file..",
                        "java.nio.channels..",
                        "java.net",
                        "java.util.concurrent..",
                        "java.util.logging")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Clock.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Random.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(RandomGenerator.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Thread.class)
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(java.time.Instant.class, "now")
                .because("the same inputs must give the same effects, or a failing seed cannot be replayed")
                .check(ours);
    }

    @Test
    void noOtherServiceIsKnownHere() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.weavemesh.dns..", "io.weavemesh.router..", "io.weavemesh.ipam..")
                .because("services talk by messages, so that each can run and restart alone")
                .check(ours);
    }

    @Test
    void theEdgeIsWhereItIsSaidToBe() {
        classes()
                .that()
                .resideInAPackage("io.weavemesh.plugin.edge")
                .should()
                .resideOutsideOfPackage("io.weavemesh.plugin")
                .check(ours);
        assertThatCode(() -> Class.forName("io.vertx.core.Vertx")).doesNotThrowAnyException();
        assertThatCode(() -> Class.forName("org.slf4j.Logger")).doesNotThrowAnyException();
    }
}
