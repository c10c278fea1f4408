package io.weavemesh.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AbsencesTest {

    private final Absences<String> absences = new Absences<>(Duration.ofSeconds(20));

    @Test
    void whatIsMissingOnceMayBeOnItsWay() {
        assertThat(missingAt(0, "endpoint")).isEmpty();
        assertThat(missingAt(19, "endpoint")).isEmpty();
    }

    @Test
    void whatStaysMissingIsGoneAndStaysSo() {
        missingAt(0, "endpoint");
        assertThat(missingAt(20, "endpoint", "younger")).containsExactly("endpoint");
        assertThat(missingAt(40, "endpoint", "younger")).containsExactlyInAnyOrder("endpoint", "younger");
    }

    @Test
    void whatWasSeenInBetweenBeginsAnew() {
        missingAt(0, "endpoint");
        missingAt(15);
        assertThat(missingAt(30, "endpoint")).isEmpty();
        assertThat(missingAt(50, "endpoint")).containsExactly("endpoint");
    }

    private Set<String> missingAt(int seconds, String... missing) {
        return absences.confirm(Set.of(missing), Duration.ofSeconds(seconds));
    }
}
