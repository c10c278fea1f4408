package io.weavemesh.node;

import io.weavemesh.contract.Cidr;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * The forerunner's ways to name an address of the host in a network.
 *
 * <pre>
 *   net:default            any free address of the default subnet
 *   net:10.99.0.0/24       any free address of that subnet
 *   ip:10.32.0.77/12       this address, also without the prefix
 * </pre>
 */
sealed interface ExposedAddresses {

    /** The addresses to expose, given by address management or taken there. */
    String claim(ControlClient api);

    /** Those of the exposed addresses that are meant. */
    Stream<Cidr> among(List<Cidr> exposed, ControlClient api);

    /** Reads one argument. */
    static ExposedAddresses parse(String text) {
        try {
            if (text.equals("net:default")) {
                return new InDefaultSubnet();
            }
            if (text.startsWith("net:")) {
                return new InSubnet(Cidr.parseSubnet(text.substring("net:".length())));
            }
            return new This(Cidr.parse(text.startsWith("ip:") ? text.substring("ip:".length()) : text));
        } catch (IllegalArgumentException e) {
            throw new UserError(
                    e.getMessage() + " (expected net:default, net:SUBNET or an address such as" + " 10.32.0.77/12)");
        }
    }

    /** Reads all arguments; without any the default subnet is meant. */
    static List<ExposedAddresses> parseAll(List<String> texts) {
        return texts.isEmpty()
                ? List.of(new InDefaultSubnet())
                : texts.stream().map(ExposedAddresses::parse).toList();
    }

    /** What is exposed on this host now. */
    static List<Cidr> exposed(ControlClient api) {
        return Arrays.stream(ControlClient.require(api.get("/expose")).strip().split(" "))
                .filter(text -> !text.isEmpty())
                .map(Cidr::parse)
                .toList();
    }

    /** Any address of the default subnet. */
    record InDefaultSubnet() implements ExposedAddresses {
        @Override
        public String claim(ControlClient api) {
            return ControlClient.require(api.post("/ip/weave:expose", List.of()));
        }

        @Override
        public Stream<Cidr> among(List<Cidr> exposed, ControlClient api) {
            return new InSubnet(Cidr.parse(ControlClient.require(api.get("/ipinfo/defaultsubnet"))))
                    .among(exposed, api);
        }
    }

    /** Any address of a subnet. */
    record InSubnet(Cidr subnet) implements ExposedAddresses {
        @Override
        public String claim(ControlClient api) {
            return ControlClient.require(api.post("/ip/weave:expose/" + subnet, List.of()));
        }

        @Override
        public Stream<Cidr> among(List<Cidr> exposed, ControlClient api) {
            return exposed.stream().filter(address -> address.subnet().equals(subnet));
        }
    }

    /** One address. */
    record This(Cidr address) implements ExposedAddresses {
        @Override
        public String claim(ControlClient api) {
            ControlClient.require(api.put("/ip/weave:expose/" + address));
            return address.toString();
        }

        /** Also if it is not exposed: it may be held, or named, from an attempt that failed. */
        @Override
        public Stream<Cidr> among(List<Cidr> exposed, ControlClient api) {
            return Stream.of(address);
        }
    }
}
