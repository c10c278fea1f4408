package io.weavemesh.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.MacAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which news of an address neighbours have to be told. */
class NeighbourBeliefsTest {

    private static final Cidr SUBNET = Cidr.parse("10.2.1.0/24");
    private static final IpAddress ADDRESS = IpAddress.parse("10.2.1.5");

    private final NeighbourBeliefs beliefs = new NeighbourBeliefs();

    /** {@code D} is the derived MAC address, {@code a} and {@code b} are others, {@code -} is nobody; {@code !} is to be told. */
    @ParameterizedTest
    @CsvSource({
        "D,           a container of Docker's, and nothing else was ever heard of",
        "D - D - D,   an address that goes from one to the next keeps its MAC address",
        "D D,         what is the same is no news",
        "a!,          somebody may have met a container of Docker's before we looked",
        "a! a,        told once",
        "D a!,        from Docker to attach",
        "D - a!,      with a pause",
        "a! - D!,     from attach to Docker",
        "a! - - D!,   the pause has no end",
        "a! - b!,     from one attached container to the next",
        "a! b!,       the new holder is heard of before the old one's end",
        "a! - a,      the same one again: a peer that was away",
        "a! - D! - a!,and back",
        "a! D! D - D, the last one counts",
    })
    void onlyWhatNeighboursMayNotBelieveIsTold(String story, String why) {
        List<String> told = new ArrayList<>();
        for (String step : story.replace("!", "").split(" ", -1)) {
            if (step.equals("-")) {
                beliefs.free(SUBNET, ADDRESS);
                told.add(step);
            } else {
                told.add(step + (beliefs.holds(SUBNET, ADDRESS, mac(step)) ? "!" : ""));
            }
        }
        assertThat(String.join(" ", told)).as(why).isEqualTo(story);
    }

    @Test
    void eachAddressAndEachSubnetIsBelievedInForItself() {
        beliefs.holds(SUBNET, ADDRESS, mac("a"));
        assertThat(beliefs.holds(SUBNET, IpAddress.parse("10.2.1.6"), mac("a"))).isTrue();
        assertThat(beliefs.holds(Cidr.parse("10.2.0.0/16"), ADDRESS, mac("a"))).isTrue();
    }

    @Test
    void ofAddressesNobodyHasTheLatestAreRemembered() {
        int more = NeighbourBeliefs.REMEMBERED + 1;
        for (int i = 0; i < more; i++) {
            beliefs.holds(SUBNET, IpAddress.ipv4(i), mac("a"));
            beliefs.free(SUBNET, IpAddress.ipv4(i));
        }
        assertThat(beliefs.remembered()).isEqualTo(NeighbourBeliefs.REMEMBERED);
        assertThat(beliefs.holds(SUBNET, IpAddress.ipv4(0), EndpointMac.of(SUBNET, IpAddress.ipv4(0))))
                .as("the first is forgotten, and so not told")
                .isFalse();
        assertThat(beliefs.holds(SUBNET, IpAddress.ipv4(1), EndpointMac.of(SUBNET, IpAddress.ipv4(1))))
                .isTrue();
    }

    @Test
    void derivedOnesTakeNoRoom() {
        for (int i = 0; i < 100; i++) {
            beliefs.holds(SUBNET, IpAddress.ipv4(i), EndpointMac.of(SUBNET, IpAddress.ipv4(i)));
            beliefs.free(SUBNET, IpAddress.ipv4(i));
        }
        assertThat(beliefs.remembered()).isZero();
    }

    @Test
    void withABridgeGoWhoWasOnIt() {
        beliefs.holds(SUBNET, ADDRESS, mac("a"));
        beliefs.free(SUBNET, ADDRESS);
        beliefs.forget(SUBNET);
        assertThat(beliefs.remembered()).isZero();
        assertThat(beliefs.holds(SUBNET, ADDRESS, mac("D"))).isFalse();
    }

    private static MacAddress mac(String letter) {
        return switch (letter) {
            case "D" -> EndpointMac.of(SUBNET, ADDRESS);
            case "a" -> MacAddress.parse("06:00:00:00:00:0a");
            case "b" -> MacAddress.parse("06:00:00:00:00:0b");
            default -> throw new AssertionError("no such letter: " + letter);
        };
    }
}
