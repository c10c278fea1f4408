package io.weavemesh.netlink;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** What this module may import, and why. ArchUnit fails a rule that finds no classes to check. */
class ArchitectureTest {

    private static final String PURE =
            ".*\\.(\\w+Messages|\\w+Decoder|\\w+Codec|MessageReader|MessageWriter|NetlinkMessage|Request|Errno)";

    private final JavaClasses ours = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.weavemesh.netlink");

    @Test
    void the_module_imports_the_jdk_and_the_contract_only() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..", "io.weavemesh.contract", "io.weavemesh.netlink", "org.jspecify.annotations")
                .because("every service that touches the kernel shares it, so it must drag nothing along")
                .check(ours);
        assertThatCode(() -> Class.forName("io.weavemesh.contract.MacAddress")).doesNotThrowAnyException();
    }

    @Test
    void encoders_and_decoders_know_no_native_code_and_no_io() {
        noClasses()
                .that()
                .haveNameMatching(PURE)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.lang.foreign", "java.io", "java.nio.file", "java.nio.channels")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(LibC.class)
                .because("they are tested by bytes alone and fuzzed")
                .check(ours);
    }

    @Test
    void native_calls_are_in_one_class() {
        noClasses()
                .that()
                .doNotHaveSimpleName("ForeignLibC")
                .should()
                .dependOnClassesThat()
                .areAssignableTo(Linker.class)
                .because("a wrong function descriptor corrupts memory, so there is one place to look at")
                .check(ours);
    }

    @Test
    void no_memory_segment_leaves_the_module() {
        noMethods()
                .that()
                .arePublic()
                .and()
                .areDeclaredInClassesThat()
                .arePublic()
                .should()
                .haveRawReturnType(MemorySegment.class)
                .because("its lifetime is known here only")
                .check(ours);
    }

    @Test
    void no_process_is_spawned() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .areAssignableTo(ProcessBuilder.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Runtime.class)
                .because("ip, bridge and iptables are slow, may be missing, and answer in text")
                .check(ours);
    }
}
