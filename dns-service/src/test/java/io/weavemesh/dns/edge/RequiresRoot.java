package io.weavemesh.dns.edge;

import java.io.IOException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Tests that need the privileges to make network namespaces. Without them they say so, loudly, instead of passing silently. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Tag("kernel")
@ExtendWith(RequiresRoot.Condition.class)
@interface RequiresRoot {

    /** Looks at the effective capabilities: root in a container may lack them. */
    final class Condition implements ExecutionCondition {

        private static final long CAP_NET_ADMIN = 1L << 12;
        private static final long CAP_SYS_ADMIN = 1L << 21;

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            if (context.getTestMethod().isPresent()) {
                return ConditionEvaluationResult.enabled("decided for the class");
            }
            if (isPrivileged()) {
                return ConditionEvaluationResult.enabled("may make network namespaces");
            }
            String name = context.getTestClass().map(Class::getSimpleName).orElse(context.getDisplayName());
            System.err.println(
                    "NOT RUN: " + name + " needs root (CAP_NET_ADMIN and CAP_SYS_ADMIN); run the tests with sudo");
            return ConditionEvaluationResult.disabled("needs root");
        }

        private static boolean isPrivileged() {
            try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
                long wanted = CAP_NET_ADMIN | CAP_SYS_ADMIN;
                return lines.filter(line -> line.startsWith("CapEff:"))
                        .map(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
                        .anyMatch(capabilities -> (capabilities & wanted) == wanted);
            } catch (IOException e) {
                return false; // Not Linux.
            }
        }
    }
}
