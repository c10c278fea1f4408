package io.weavemesh.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CidrTest {

    @ParameterizedTest(name = "{0} reaches from {1} to {2}")
    @CsvSource({
        "10.32.0.0/12, 10.32.0.0, 10.47.255.255",
        "10.32.0.5/12, 10.32.0.0, 10.47.255.255",
        "192.0.2.7/32, 192.0.2.7, 192.0.2.7",
        "0.0.0.0/0, 0.0.0.0, 255.255.255.255",
        "fd00::1/64, fd00::, fd00::ffff:ffff:ffff:ffff",
        "2001:db8::/32, 2001:db8::, 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
        "::/0, ::, ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        "fd00::1/128, fd00::1, fd00::1",
    })
    void firstAndLastAddress(String cidr, String first, String last) {
        assertThat(Cidr.parse(cidr).first()).hasToString(first);
        assertThat(Cidr.parse(cidr).last()).hasToString(last);
    }

    @ParameterizedTest(name = "''{0}'' is refused")
    @ValueSource(
            strings = {
                "10.32.0.0",
                "10.32.0.0/",
                "10.32.0.0/33",
                "10.32.0.0/-1",
                "10.32.0.0/1x",
                "x/12",
                "/12",
                "fd00::/129"
            })
    void textThatIsNoCidrIsRefused(String text) {
        assertThatThrownBy(() -> Cidr.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aSubnetWithHostBitsIsRefusedWithTheOneThatWasMeant() {
        assertThatThrownBy(() -> Cidr.parseSubnet("10.32.0.1/12"))
                .hasMessage("'10.32.0.1/12' is not a subnet: it has host bits set (did you mean 10.32.0.0/12?)");
    }

    @Test
    void overlapIsContainmentOneWayOrTheOther() {
        Cidr wide = Cidr.parse("10.32.0.0/12");
        assertThat(wide.overlaps(Cidr.parse("10.40.0.0/16"))).isTrue();
        assertThat(Cidr.parse("10.40.0.0/16").overlaps(wide)).isTrue();
        assertThat(wide.overlaps(Cidr.parse("10.48.0.0/12"))).isFalse();
        assertThat(wide.overlaps(Cidr.parse("::/0"))).isFalse();
        assertThat(wide.contains(Cidr.parse("10.0.0.0/8"))).isFalse();
    }
}
