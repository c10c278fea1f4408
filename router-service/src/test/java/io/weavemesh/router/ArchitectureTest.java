package io.weavemesh.router;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the core must not know, and why. */
class ArchitectureTest {

    private static final JavaClasses MODULE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.weavemesh.router");

    /**
     * @param name a package, or a class
     * @param witness a class that must exist, so that a rule about something renamed does not pass for ever
     */
    record Forbidden(String name, String witness, String reason) {
        @Override
        public String toString() {
            return name + ", because " + reason;
        }
    }

    static Stream<Forbidden> forbidden() {
        return Stream.of(
                new Forbidden("io.vertx", "io.vertx.core.Vertx", "the core is tested without an event loop"),
                new Forbidden(
                        "io.weavemesh.cluster",
                        "io.weavemesh.cluster.Bus",
                        "peers and tables reach the core by the edge"),
                new Forbidden(
                        "io.weavemesh.router.edge", "io.weavemesh.router.edge.RouterVerticle", "arrows go one way"),
                new Forbidden(
                        "io.weavemesh.netlink",
                        "io.weavemesh.netlink.Netlink",
                        "the core says what, the edge says how"),
                new Forbidden("org.slf4j", "org.slf4j.Logger", "only the edge logs"),
                new Forbidden("java.io", "java.io.File", "the core has no files and streams"),
                new Forbidden("java.nio", "java.nio.file.Files", "the core has no files and channels"),
                new Forbidden("java.net", "java.net.Socket", "the core has no sockets and resolvers"),
                new Forbidden("java.util.concurrent", "java.util.concurrent.Executor", "the core has no threads"),
                new Forbidden("java.time.Clock", "java.time.Clock", "time comes in as a value"),
                new Forbidden("java.time.Instant", "java.time.Instant", "nothing here depends on the time yet"),
                new Forbidden("java.lang.Thread", "java.lang.Thread", "the core has no threads"),
                new Forbidden("java.util.Random", "java.util.Random", "randomness comes in by constructor"),
                new Forbidden(
                        "java.util.SplittableRandom",
                        "java.util.SplittableRandom",
                        "randomness comes in by constructor"),
                new Forbidden("java.security", "java.security.SecureRandom", "randomness comes in by constructor"));
    }

    @ParameterizedTest(name = "the core does not use {0}")
    @MethodSource("forbidden")
    void theCoreDoesNotUse(Forbidden forbidden) {
        assertThatCode(() -> Class.forName(forbidden.witness)).doesNotThrowAnyException();
        assertThat(forbidden.witness).startsWith(forbidden.name);
        // The compiler makes serializable classes and text constants refer to these by itself.
        List<String> harmless =
                List.of("java.io.Serializable", "java.nio.charset.StandardCharsets", "java.nio.charset.Charset");
        noClasses()
                .that()
                .resideInAPackage("io.weavemesh.router")
                .should()
                .dependOnClassesThat(new DescribedPredicate<>("are " + forbidden.name) {
                    @Override
                    public boolean test(JavaClass target) {
                        return (target.getName().equals(forbidden.name)
                                        || target.getName().startsWith(forbidden.name + "."))
                                && !harmless.contains(target.getName());
                    }
                })
                .because(forbidden.reason)
                .check(MODULE);
    }

    @Test
    void theRulesAreAboutSomething() {
        assertThat(MODULE).anyMatch(found -> found.getPackageName().equals("io.weavemesh.router"));
        assertThat(MODULE).anyMatch(found -> found.getPackageName().equals("io.weavemesh.router.edge"));
    }

    @Test
    void nothingElseIsInThisModule() {
        assertThat(MODULE)
                .allMatch(found -> List.of("io.weavemesh.router", "io.weavemesh.router.edge")
                        .contains(found.getPackageName()));
    }
}
