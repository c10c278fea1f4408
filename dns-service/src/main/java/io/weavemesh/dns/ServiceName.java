package io.weavemesh.dns;

import io.weavemesh.contract.ExposedPort;
import io.weavemesh.contract.ExposedPort.Transport;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The name of a service of a host, {@code _http._tcp.web.weave.local.} (RFC 2782) or {@code _8080._tcp.web.weave.local.}, or
 * the name above those, {@code _tcp.web.weave.local.}. Such names are not in the table: what a host exposes says which exist.
 *
 * @param port the service; empty for the name above services
 * @param hostAt where the host's name begins
 */
record ServiceName(Transport transport, Optional<ExposedPort> port, int hostAt) {

    /**
     * Names and ports of IANA's registry (RFC 6335), those that containers serve: a name has the same port on every host, and
     * {@code /etc/services} is another list on each and not there in small images. A port without a name here is asked for by
     * its number.
     */
    private static final Map<String, Integer> WELL_KNOWN = parse("""
            ftp 21  ssh 22  telnet 23  smtp 25  domain 53  tftp 69  http 80  kerberos 88  pop3 110  nntp 119  ntp 123
            imap 143  snmp 161  snmptrap 162  bgp 179  ldap 389  https 443  microsoft-ds 445  kpasswd 464  submissions 465
            syslog 514  rtsp 554  submission 587  ipp 631  ldaps 636  domain-s 853  rsync 873  ftps 990  imaps 993
            pop3s 995  socks 1080  openvpn 1194  ms-sql-s 1433  radius 1812  radius-acct 1813  mqtt 1883  nfs 2049
            docker 2375  docker-s 2376  etcd-client 2379  etcd-server 2380  mysql 3306  ms-wbt-server 3389  nut 3493
            svn 3690  epmd 4369  ipsec-nat-t 4500  sip 5060  sips 5061  xmpp-client 5222  xmpp-server 5269  mdns 5353
            postgresql 5432  amqps 5671  amqp 5672  coap 5683  rfb 5900  couchdb 5984  redis 6379  syslog-tls 6514
            http-alt 8080  puppet 8140  secure-mqtt 8883  git 9418  zabbix-agent 10050  zabbix-trapper 10051
            memcache 11211  mongodb 27017
            """);

    private static final Map<String, Transport> TRANSPORTS =
            Map.of("_tcp", Transport.TCP, "_udp", Transport.UDP, "_sctp", Transport.SCTP);

    private static final int MAX_PORT = 65_535;

    private static Map<String, Integer> parse(String text) {
        List<String> words = List.of(text.strip().split("\\s+", -1));
        Map<String, Integer> ports = new HashMap<>();
        for (int i = 0; i < words.size(); i += 2) {
            ports.put(words.get(i), Integer.valueOf(words.get(i + 1)));
        }
        return Map.copyOf(ports);
    }

    /** What a name in lower case says, if it is such a name. */
    static Optional<ServiceName> of(byte[] name, int length) {
        if (length < 2 || name[1] != '_') {
            return Optional.empty();
        }
        String first = label(name, 0);
        int behindFirst = 1 + name[0];
        Transport alone = TRANSPORTS.get(first);
        if (alone != null) {
            return Optional.of(new ServiceName(alone, Optional.empty(), behindFirst));
        }
        Transport transport = TRANSPORTS.get(label(name, behindFirst));
        int port = port(first.substring(1));
        return transport == null || port == 0
                ? Optional.empty()
                : Optional.of(new ServiceName(
                        transport, Optional.of(new ExposedPort(transport, port)), behindFirst + 1 + name[behindFirst]));
    }

    private static String label(byte[] name, int at) {
        return new String(name, at + 1, name[at], StandardCharsets.ISO_8859_1);
    }

    /** The port of a service's name or number; 0 if it is neither. */
    private static int port(String service) {
        boolean number = !service.isEmpty()
                && service.length() <= 5
                && service.charAt(0) != '0'
                && service.chars().allMatch(digit -> digit >= '0' && digit <= '9');
        if (!number) {
            return WELL_KNOWN.getOrDefault(service, 0);
        }
        int port = Integer.parseInt(service);
        return port <= MAX_PORT ? port : 0;
    }
}
