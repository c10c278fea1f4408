package io.weavemesh.dns;

import static io.weavemesh.dns.MessageFormat.*;

import io.weavemesh.contract.ExposedPort;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.dns.NameNode.Served;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Answers questions about names that follow from others: the services of a host, {@code _http._tcp.web.weave.local.}, and its
 * single addresses, {@code 10-32-0-4.web.weave.local.}. They take no room in the table. Belongs to one thread.
 */
final class DerivedNames {

    private static final byte[] NO_LABEL = {};

    private final Answer answer;

    DerivedNames(Answer answer) {
        this.answer = answer;
    }

    /** Answers a question about a name within the domain that is not in the table; says whether there is such a name. */
    boolean answer(Query query, Zone zone, Asker asker) {
        byte[] name = query.name().bytes();
        int length = query.name().length();
        Optional<ServiceName> service = ServiceName.of(name, length);
        if (service.isPresent()) {
            return answer(service.get(), query, zone, asker);
        }
        Optional<IpAddress> address = AddressLabel.read(name);
        return address.isPresent() && answer(address.get(), query, zone);
    }

    private boolean answer(ServiceName service, Query query, Zone zone, Asker asker) {
        NameNode host = find(zone, query, service.hostAt());
        Optional<ExposedPort> port = service.port();
        if (port.isEmpty()) {
            boolean exists = host.servesBy(service.transport());
            return exists && noData(query, zone);
        }
        Served served = host.serving(port.get());
        if (served.isEmpty()) {
            return false;
        }
        if (query.type() != TYPE_SRV && query.type() != TYPE_ANY) {
            return noData(query, zone);
        }
        if (served.everywhere()) {
            whole(host, port.get().number(), zone, asker);
        } else {
            each(host, served, port.get().number(), zone, asker);
        }
        return true;
    }

    /** The port is served at all addresses of the host, so the host is the target. */
    private void whole(NameNode host, int port, Zone zone, Asker asker) {
        int target = answer.service(port, NO_LABEL, host.key(), zone.ttlSeconds());
        answer.furtherAddresses(target, TYPE_A, host.ipv4(), asker, zone.ttlSeconds());
        answer.furtherAddresses(target, TYPE_AAAA, host.ipv6(), asker, zone.ttlSeconds());
    }

    /** The port is served at some addresses of the host: each of them is a target. */
    private void each(NameNode host, Served served, int port, Zone zone, Asker asker) {
        List<IpAddress> addresses = new ArrayList<>(answer.inOrder(served.ipv4(), asker));
        addresses.addAll(answer.inOrder(served.ipv6(), asker));
        List<Integer> targets = new ArrayList<>();
        for (IpAddress address : addresses) {
            targets.add(answer.service(port, AddressLabel.of(address), host.key(), zone.ttlSeconds()));
        }
        for (int i = 0; i < addresses.size(); i++) {
            PackedAddresses one = PackedAddresses.of(addresses.get(i));
            answer.furtherAddresses(targets.get(i), type(addresses.get(i)), one, asker, zone.ttlSeconds());
        }
    }

    private boolean answer(IpAddress address, Query query, Zone zone) {
        NameNode host = find(zone, query, 1 + query.name().bytes()[0]);
        if (!host.holds(address)) {
            return false;
        }
        int type = type(address);
        if (query.type() != type && query.type() != TYPE_ANY) {
            return noData(query, zone);
        }
        answer.addresses(type, PackedAddresses.of(address), Asker.UNKNOWN, zone.ttlSeconds());
        return true;
    }

    private static int type(IpAddress address) {
        return address.isIpv4() ? TYPE_A : TYPE_AAAA;
    }

    private static NameNode find(Zone zone, Query query, int at) {
        byte[] host = Arrays.copyOfRange(query.name().bytes(), at, query.name().length());
        return zone.find(host, host.length);
    }

    private boolean noData(Query query, Zone zone) {
        byte[] domain = zone.domainKey();
        int zoneName = Answer.pointerToZone(query, domain);
        answer.startOfAuthority(NSCOUNT, zoneName, domain, zone.serial(), zone.ttlSeconds());
        return true;
    }
}
