package io.weavemesh.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.Inet6Address;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpAddressTest {

    @ParameterizedTest(name = "{0} is written {1}")
    @CsvSource({
        "10.32.0.1, 10.32.0.1",
        "255.255.255.255, 255.255.255.255",
        "0.0.0.0, 0.0.0.0",
        "2001:DB8:0:0:0:0:0:1, 2001:db8::1",
        "::, ::",
        "::1, ::1",
        "fd00::, fd00::",
        "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "::ffff:192.0.2.1, ::ffff:c000:201",
    })
    void addressesAreWrittenInCanonicalForm(String text, String canonical) {
        assertThat(IpAddress.parse(text)).hasToString(canonical);
    }

    @ParameterizedTest(name = "''{0}'' is refused")
    @ValueSource(
            strings = {
                "",
                "10.32.0",
                "10.32.0.256",
                "10.32.0.01",
                "10.32.0.1.1",
                "a.b.c.d",
                "1 .2.3.4",
                ":::",
                "fe80::1%lo",
                "[::1]",
                "host1",
                "1::2::3",
                "2001:db8"
            })
    void textThatIsNoAddressIsRefusedByName(String text) {
        assertThatThrownBy(() -> IpAddress.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "' is not an IP");
    }

    @Property
    void textAndBytesComeBackUnchanged(@ForAll("addresses") IpAddress address) {
        assertThat(IpAddress.parse(address.toString())).isEqualTo(address);
        assertThat(IpAddress.ofBytes(address.bytes())).isEqualTo(address);
    }

    @Property
    void ipv6TextMeansTheSameToTheJdk(@ForAll long high, @ForAll long low) {
        IpAddress address = new IpAddress(IpAddress.Family.IPV6, high, low);
        assertThat(Inet6Address.ofLiteral(address.toString()).getAddress()).isEqualTo(jdkBytes(address));
    }

    @Property
    void addingAndTakingAwayGivesTheSameAddress(@ForAll long high, @ForAll long low, @ForAll long offset) {
        IpAddress address = new IpAddress(IpAddress.Family.IPV6, high, low);
        if (offset != Long.MIN_VALUE) {
            assertThat(address.plus(offset).plus(-offset)).isEqualTo(address);
        }
    }

    @Test
    void additionCarriesIntoTheUpperHalf() {
        assertThat(IpAddress.parse("fd00::ffff:ffff:ffff:ffff").plus(1)).hasToString("fd00:0:0:1::");
        assertThat(IpAddress.parse("fd00:0:0:1::").plus(-1)).hasToString("fd00::ffff:ffff:ffff:ffff");
        assertThat(IpAddress.parse("10.32.0.255").plus(1)).hasToString("10.32.1.0");
    }

    @Test
    void additionBeyondIpv4IsRefused() {
        IpAddress last = IpAddress.parse("255.255.255.255");
        assertThatThrownBy(() -> last.plus(1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void addressesOrderAsUnsignedNumbers() {
        assertThat(IpAddress.parse("10.0.0.1")).isLessThan(IpAddress.parse("192.0.2.1"));
        assertThat(IpAddress.parse("192.0.2.1")).isLessThan(IpAddress.parse("::1"));
        assertThat(IpAddress.parse("2001:db8::")).isLessThan(IpAddress.parse("fd00::"));
    }

    @Provide
    Arbitrary<IpAddress> addresses() {
        return Arbitraries.oneOf(
                Arbitraries.integers().map(IpAddress::ipv4),
                Arbitraries.longs()
                        .tuple2()
                        .map(halves -> new IpAddress(IpAddress.Family.IPV6, halves.get1(), halves.get2())));
    }

    /** The JDK folds mapped addresses (::ffff:a.b.c.d) into their four bytes. */
    private static byte[] jdkBytes(IpAddress address) {
        return address.toInetAddress().getAddress();
    }
}
