package io.weavemesh.node;

import java.util.Hashtable;
import java.util.concurrent.Callable;
import javax.naming.Context;
import javax.naming.NameNotFoundException;
import javax.naming.NamingEnumeration;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.directory.Attributes;
import javax.naming.directory.InitialDirContext;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code weave dns-lookup name}: the addresses our DNS gives, one per line. */
@Command(name = "dns-lookup", description = "Ask our DNS for the addresses of a name.")
final class DnsLookupCommand implements Callable<Integer> {

    @Mixin
    private HelpOption help = new HelpOption();

    @Parameters(arity = "1", paramLabel = "NAME", description = "A name in our domain, or any other.")
    private String name = "";

    @Override
    public Integer call() throws NamingException {
        ControlClient api = ControlClient.fromEnvironment(System.getenv());
        String server = ControlClient.require(api.get("/dns-address-port")).strip();
        Hashtable<String, String> environment = new Hashtable<>();
        environment.put(Context.INITIAL_CONTEXT_FACTORY, "com.sun.jndi.dns.DnsContextFactory");
        environment.put(Context.PROVIDER_URL, "dns://" + server);
        environment.put("com.sun.jndi.dns.timeout.initial", "2000");
        environment.put("com.sun.jndi.dns.timeout.retries", "2");
        try {
            print(new InitialDirContext(environment).getAttributes(name, new String[] {"A", "AAAA"}));
            return 0;
        } catch (NameNotFoundException e) {
            return 0; // As with dig in its short form: no such name, no output.
        } catch (NamingException e) {
            throw new UserError("no answer for '" + name + "' from " + server + ": " + e.getMessage());
        }
    }

    private static void print(Attributes attributes) throws NamingException {
        for (String type : new String[] {"A", "AAAA"}) {
            Attribute addresses = attributes.get(type);
            if (addresses != null) {
                for (NamingEnumeration<?> all = addresses.getAll(); all.hasMore(); ) {
                    System.out.println(all.next());
                }
            }
        }
    }
}
