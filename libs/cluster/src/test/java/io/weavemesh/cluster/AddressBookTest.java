package io.weavemesh.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.cluster.Probe.Finding;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Where to look for peers that are not here. */
class AddressBookTest {

    private static final Target HOST2 = Target.parse("host2");
    private static final String AT2 = "192.0.2.2:6783";
    private static final String AT3 = "192.0.2.3:6783";
    private static final String AT4 = "192.0.2.4:6783";

    private final AddressBook book = new AddressBook("192.0.2.1:6783", List.of());

    @Test
    void theOldestLooksAtWhatOthersTellToo() {
        book.addTarget(HOST2);
        assertThat(book.learn(AT3)).isTrue();
        assertThat(book.learn(AT3)).isFalse();
        assertThat(book.learn("192.0.2.1:6783")).as("our own").isFalse();
        assertThat(book.toLookAt(Set.of(), true)).containsExactly(HOST2, Target.parse(AT3));
        assertThat(book.toLookAt(Set.of(), false)).containsExactly(HOST2);
        assertThat(book.toLookAt(Set.of(AT3), true)).containsExactly(HOST2);
    }

    @Test
    void withoutDiscoveryOnlyTargetsAndThisHostsOwnServicesAreLookedFor() {
        AddressBook narrow = new AddressBook("192.0.2.1:6783", List.of("192.0.2.1:6793"), false);
        narrow.addTarget(HOST2);
        assertThat(narrow.learn(AT3)).isFalse();
        narrow.found(Map.of(HOST2, new Finding(Optional.of(AT2), true, "")));
        assertThat(narrow.toLookAt(Set.of("192.0.2.1:6793"), true)).containsExactly(HOST2);
        assertThat(narrow.toLookAt(Set.of("192.0.2.1:6793", AT2), true)).isEmpty();
        assertThat(narrow.toLookAt(Set.of(AT2), true)).containsExactly(Target.parse("192.0.2.1:6793"));
    }

    @Test
    void aTargetThatIsNoMemberAnyMoreIsResolvedAgainAndFollowed() {
        book.addTarget(HOST2);
        book.found(Map.of(HOST2, new Finding(Optional.of(AT2), true, "")));
        assertThat(book.toLookAt(Set.of(AT2), true)).isEmpty();
        assertThat(book.toLookAt(Set.of(), true)).as("it left").containsExactly(HOST2);
        assertThat(book.found(Map.of(HOST2, new Finding(Optional.of(AT4), true, ""))))
                .containsExactly(AT4);
        assertThat(book.targetAddresses()).containsExactly(AT4);
        assertThat(book.toLookAt(Set.of(AT4), false)).isEmpty();
    }

    @Test
    void whatIsForgottenIsNotLookedForUnlessItIsHere() {
        book.addTarget(HOST2);
        book.found(Map.of(HOST2, new Finding(Optional.of(AT2), false, "no answer")));
        assertThat(book.removeTargets(List.of("host2"), Set.of(AT2))).isEmpty();
        book.addTarget(HOST2);
        book.found(Map.of(HOST2, new Finding(Optional.of(AT2), false, "no answer")));
        assertThat(book.removeTargets(List.of("host2"), Set.of())).containsExactly(AT2);
        assertThat(book.toLookAt(Set.of(), true)).isEmpty();
    }
}
