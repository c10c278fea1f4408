package io.weavemesh.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.contract.ContainerId;
import io.weavemesh.contract.Fqdn;
import java.util.List;
import org.junit.jupiter.api.Test;

class ContainerNamesTest {

    private static final Fqdn DOMAIN = Fqdn.parse("weave.local");
    private static final ContainerId ID =
            new ContainerId("3f9a1c77be02aa0000000000000000000000000000000000000000000000000");

    @Test
    void hostNameContainerNameAndAliasesAreAllNames() {
        assertThat(names("/foo", "web.weave.local", "", List.of("db", "api.weave.local")))
                .containsExactly("web.weave.local.", "foo.weave.local.", "db.weave.local.", "api.weave.local.");
    }

    @Test
    void dockersOwnShortIdIsNoName() {
        assertThat(names("/foo", "3f9a1c77be02", "", List.of("3f9a1c77be02"))).containsExactly("foo.weave.local.");
    }

    @Test
    void namesOutsideTheDomainAreLeftOut() {
        assertThat(names("/foo", "web.example.com", "", List.of("a.example"))).containsExactly("foo.weave.local.");
    }

    @Test
    void aDomainNameGivenApartIsPutBehindTheHostName() {
        assertThat(names("/foo", "web", "sub.weave.local", List.of()))
                .containsExactly("web.sub.weave.local.", "foo.weave.local.");
    }

    @Test
    void whatDnsCannotExpressIsLeftOut() {
        assertThat(names("/" + "x".repeat(100), "", "", List.of())).isEmpty();
    }

    private static List<String> names(String name, String host, String domain, List<String> aliases) {
        return ContainerNames.of(ID, name, host, domain, aliases, DOMAIN).stream()
                .map(Fqdn::toString)
                .toList();
    }
}
