package io.weavemesh.cluster;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What this module may import where, and why. ArchUnit fails a rule that finds no classes to check. */
class ClusterArchitectureTest {

    /** The parts that decide; the rest carries out. */
    private static final List<Class<?>> PURE =
            List.of(OwnedTable.class, PeerTable.class, AddressBook.class, ConnectionList.class, Envelope.class);

    private final JavaClasses ours = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.weavemesh.cluster");

    @Test
    void whatDecidesKnowsNeitherBusNorMemberNorDisk() {
        noClasses()
                .that(ArePure.PURE_CLASSES)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.vertx..",
                        "com.hazelcast..",
                        "org.h2..",
                        "org.slf4j..",
                        "java.io",
                        "java.nio.file",
                        "java.net")
                .because("it is simulated with lost messages and virtual time")
                .check(ours);
    }

    @Test
    void whatDecidesReadsNoClockAndThrowsNoDice() {
        noClasses()
                .that(ArePure.PURE_CLASSES)
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(Clock.class, Random.class, Thread.class)
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(Instant.class, "now")
                .because("the same inputs must give the same effects, or a failing seed cannot be replayed")
                .check(ours);
    }

    @Test
    void onlyTwoClassesReachIntoHazelcastsInternals() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName(ClusterSearch.class.getName())
                .and()
                .doNotHaveFullyQualifiedName(SignsOfLife.class.getName())
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("com.hazelcast.internal..", "com.hazelcast.instance.impl..")
                .because("they change from release to release, and the two classes have a fall-back")
                .check(ours);
    }

    @Test
    void nothingPublicShowsHazelcast() {
        classes()
                .that()
                .arePublic()
                .and()
                .doNotHaveFullyQualifiedName(ClusterNode.class.getName())
                .should()
                .onlyDependOnClassesThat()
                .resideOutsideOfPackage("com.hazelcast..")
                .because("no other module is to know it")
                .check(ours);
    }

    @Test
    void whatIsForbiddenStillExists() throws Exception {
        for (String name : List.of(
                "io.vertx.core.Vertx",
                "com.hazelcast.core.HazelcastInstance",
                "com.hazelcast.instance.impl.Node",
                "com.hazelcast.internal.cluster.Joiner",
                "org.h2.mvstore.MVStore",
                "org.slf4j.Logger")) {
            assertThat(Class.forName(name)).as("a rule names its package").isNotNull();
        }
    }

    /** The pure classes and what is nested in them. */
    private static final class ArePure extends DescribedPredicate<JavaClass> {
        static final ArePure PURE_CLASSES = new ArePure();

        ArePure() {
            super("are among the classes that decide");
        }

        @Override
        public boolean test(JavaClass type) {
            return PURE.stream()
                    .anyMatch(pure -> type.getName().equals(pure.getName())
                            || type.getName().startsWith(pure.getName() + "$"));
        }
    }
}
