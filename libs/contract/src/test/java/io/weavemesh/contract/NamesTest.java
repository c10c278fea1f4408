package io.weavemesh.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NamesTest {

    private static final Fqdn DOMAIN = Fqdn.parse("weave.local");

    @Test
    void domainNamesCompareWithoutRegardToCase() {
        assertThat(Fqdn.parse("Foo.Weave.Local")).isEqualTo(Fqdn.parse("foo.weave.local."));
    }

    @Test
    void aNameIsWithinItsDomainAtLabelBoundariesOnly() {
        assertThat(Fqdn.parse("foo.weave.local").isWithin(DOMAIN)).isTrue();
        assertThat(DOMAIN.isWithin(DOMAIN)).isTrue();
        assertThat(Fqdn.parse("fooweave.local").isWithin(DOMAIN)).isFalse();
        assertThat(Fqdn.parse("anything.example").isWithin(Fqdn.parse("."))).isTrue();
    }

    @ParameterizedTest(name = "''{0}'' comes back unchanged")
    @ValueSource(strings = {".", "a.", "foo.weave.local.", "_8080._tcp.a-b.c.", "1.0.32.10.in-addr.arpa."})
    void domainNamesComeBackUnchanged(String text) {
        assertThat(new Fqdn(text)).hasToString(text).isEqualTo(Fqdn.parse(text)).hasSameHashCodeAs(new Fqdn(text));
    }

    @Test
    void aDomainNameHasTheFormOfMessages() {
        assertThat(new Fqdn("Foo.weave.local.").wire()).asString().isEqualTo("\3foo\5weave\5local\0");
        assertThat(new Fqdn(".").wire()).containsExactly(0);
    }

    @Test
    void aRelativeNameIsQualified() {
        assertThat(Fqdn.qualify("foo", DOMAIN)).hasToString("foo.weave.local.");
    }

    @ParameterizedTest(name = "''{0}'' is refused")
    @ValueSource(strings = {"", "a..b", ".a", "a b.c", "a\u00e4.example"})
    void textThatIsNoDomainNameIsRefused(String text) {
        assertThatThrownBy(() -> Fqdn.parse(text.isEmpty() ? ".." : text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void labelsAndNamesHaveTheLengthsOfRfc1035() {
        String label = "a".repeat(63);
        assertThat(Fqdn.parse(label + ".example").value()).startsWith(label);
        assertThatThrownBy(() -> Fqdn.parse("a" + label + ".example")).hasMessageContaining("1 to 63 characters");
        assertThatThrownBy(() -> Fqdn.parse((label + ".").repeat(4) + "example"))
                .hasMessageContaining("longer than 254");
    }

    @Test
    void macAddressesAndPeerNamesComeBackUnchanged() {
        assertThat(MacAddress.parse("02:42:0A:20:00:01")).hasToString("02:42:0a:20:00:01");
        assertThat(MacAddress.ofBytes(MacAddress.parse("02:42:0a:20:00:01").bytes()))
                .isEqualTo(MacAddress.parse("02:42:0a:20:00:01"));
        assertThat(PeerName.parse("2e:11:0a:9f:44:01")).hasToString("2e:11:0a:9f:44:01");
        assertThat(PeerName.parse("::1")).hasToString("00:00:00:00:00:01");
        assertThat(PeerName.parse("2:a::44:1")).hasToString("02:0a:00:00:44:01");
        assertThat(MacAddress.parse("01:00:5e:00:00:01").isMulticast()).isTrue();
    }

    @ParameterizedTest(name = "peer name ''{0}'' is refused")
    @ValueSource(strings = {"alpha", "2e:11:0a:9f:44", "2e-11-0a-9f-44-01", "00:00:00:00:00:00", "2e:11:0a:9f:44:0g"})
    void textThatIsNoPeerNameIsRefused(String text) {
        assertThatThrownBy(() -> PeerName.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest(name = "identifier ''{0}'' is refused")
    @ValueSource(strings = {"", "a b", "a\nb"})
    void identifiersHaveNoSpaces(String text) {
        assertThatThrownBy(() -> EndpointId.parse(text)).hasMessageContaining("is not a EndpointId");
    }

    @ParameterizedTest(name = "identifier ''{0}'' comes back unchanged")
    @ValueSource(
            strings = {
                "a",
                "weave:extern",
                "0123456789abcdef0123456789abcdef", // 32 characters, as many as the octets of 64 digits.
                "x0123456789abcdef0123456789abcdef",
                "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
                "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF",
                "0000000000000000000000000000000000000000000000000000000000000000",
                "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdeg"
            })
    void identifiersComeBackUnchanged(String text) {
        assertThat(EndpointId.parse(text)).hasToString(text).isEqualTo(new EndpointId(text));
        assertThat(ContainerId.parse(text).value()).isEqualTo(text);
        assertThat(EndpointId.parse(text)).isNotEqualTo(new EndpointId("x" + text.substring(1) + "y"));
    }

    @Test
    void identifiersAreInTheOrderOfTheirTexts() {
        String hex = "8".repeat(64);
        assertThat(Stream.of("b", hex, "1", "9".repeat(64)).map(EndpointId::new).sorted())
                .map(EndpointId::value)
                .containsExactly("1", hex, "9".repeat(64), "b");
    }

    @Test
    void requestAddressesAreUniquePerHost() {
        PeerName peer = PeerName.parse("2e:11:0a:9f:44:01");
        assertThat(BusAddress.request(Service.IPAM, peer)).isEqualTo("weave.ipam.2e:11:0a:9f:44:01");
        assertThat(BusAddress.broadcast(Service.IPAM)).isEqualTo("weave.ipam.all");
    }
}
