package io.weavemesh.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.contract.IpAddress.Family;
import org.junit.jupiter.api.Test;

class TargetTest {

    @Test
    void anAddressIsTheSameInWhateverFormItIsWritten() {
        for (String text : new String[] {"2001:db8::2", "[2001:db8::2]", "[2001:db8:0:0::2]:6783", "2001:0DB8::0002"}) {
            assertThat(Target.parse(text).resolve(Family.IPV6)).as(text).hasValue("[2001:db8::2]:6783");
        }
        assertThat(Target.parse("192.0.2.2:7783").resolve(Family.IPV4)).hasValue("192.0.2.2:7783");
    }

    @Test
    void anAddressOfTheOtherFamilyIsTakenWhereThereIsNoOther() {
        assertThat(Target.parse("192.0.2.2").resolve(Family.IPV6)).hasValue("192.0.2.2:6783");
    }
}
