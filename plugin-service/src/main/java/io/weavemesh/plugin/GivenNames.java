package io.weavemesh.plugin;

import io.weavemesh.contract.ContainerId;
import io.weavemesh.contract.DnsRequest.RegisterName;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpamReply.Allocation;
import io.weavemesh.contract.Owner;
import java.util.List;
import java.util.Optional;

/**
 * Names of containers where Docker may not be asked: those that came with the requests for addresses. Engines from 29 on send
 * the container's name; aliases, hostnames, ports and health are in no driver call.
 */
public final class GivenNames {

    private GivenNames() {}

    /** What dns-service is to be told of the book's endpoints whose addresses were asked for by name. */
    public static List<RegisterName> of(EndpointBook book, List<Allocation> given, Fqdn domain) {
        return book.endpoints().stream()
                .flatMap(endpoint -> name(endpoint, given).stream().map(name -> {
                    // Docker does not say which container it is; the endpoint stands for it.
                    ContainerId container = new ContainerId(endpoint.id().value());
                    return new RegisterName(
                            endpoint.id(),
                            container,
                            ContainerNames.of(container, name, "", "", List.of(), domain),
                            endpoint.addresses(),
                            List.of(),
                            List.of(),
                            true);
                }))
                .toList();
    }

    private static Optional<String> name(Endpoint endpoint, List<Allocation> given) {
        return given.stream()
                .map(Allocation::owner)
                .filter(owner -> owner.kind() == Owner.Kind.ENDPOINT
                        && owner.id().equals(endpoint.id().value()))
                .flatMap(owner -> owner.name().stream())
                .findFirst();
    }
}
