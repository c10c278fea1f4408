package io.weavemesh.dns.edge;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Collections;
import java.util.Hashtable;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.directory.Attributes;
import javax.naming.directory.InitialDirContext;

/** Asks Java, as a program would: {@code addresses NAME}, {@code name ADDRESS}, or by its DNS client {@code record NAME TYPE}. */
final class JavaLookUp {

    private JavaLookUp() {}

    public static void main(String[] arguments) throws NamingException {
        try {
            switch (arguments[0]) {
                case "addresses" -> {
                    for (InetAddress address : InetAddress.getAllByName(arguments[1])) {
                        System.out.println(address.getHostAddress());
                    }
                }
                case "name" ->
                    System.out.println(InetAddress.ofLiteral(arguments[1]).getCanonicalHostName());
                default -> records(arguments[1], arguments[2]);
            }
        } catch (UnknownHostException e) {
            System.out.println("unknown");
        }
    }

    /** From the servers in /etc/resolv.conf. */
    @SuppressWarnings({"BanJNDI", "JdkObsolete"}) // The JDK's DNS client has no other door, and this one no objects.
    private static void records(String name, String type) throws NamingException {
        Hashtable<String, String> environment = new Hashtable<>();
        environment.put("java.naming.factory.initial", "com.sun.jndi.dns.DnsContextFactory");
        environment.put("java.naming.provider.url", "dns:");
        InitialDirContext resolver = new InitialDirContext(environment);
        Attributes found = resolver.getAttributes(name, new String[] {type});
        Attribute attribute = found.get(type);
        if (attribute != null) {
            for (Object value : Collections.list(attribute.getAll())) {
                System.out.println(value);
            }
        }
        resolver.close();
    }
}
