package io.weavemesh.plugin;

import io.weavemesh.contract.ContainerId;
import io.weavemesh.contract.Fqdn;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Under which names a container is known in our domain. */
public final class ContainerNames {

    private ContainerNames() {}

    /**
     * Its host name if that is within the domain or has no dot, its container name, and every alias; what has no dot gets the
     * domain. Docker's own short identifiers and whatever is no domain name are left out.
     */
    public static List<Fqdn> of(
            ContainerId container, String name, String hostname, String domainname, List<String> aliases, Fqdn domain) {
        Set<Fqdn> names = new LinkedHashSet<>();
        String host = domainname.isEmpty() ? hostname : hostname + "." + domainname;
        add(names, container, host, domain);
        add(names, container, name.startsWith("/") ? name.substring(1) : name, domain);
        aliases.forEach(alias -> add(names, container, alias, domain));
        return List.copyOf(names);
    }

    private static void add(Set<Fqdn> names, ContainerId container, String text, Fqdn domain) {
        if (text.isEmpty() || isShortId(container, text)) {
            return;
        }
        parse(text, domain).filter(name -> name.isWithin(domain)).ifPresent(names::add);
    }

    private static Optional<Fqdn> parse(String text, Fqdn domain) {
        try {
            return Optional.of(text.indexOf('.') >= 0 ? Fqdn.parse(text) : Fqdn.qualify(text, domain));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // Docker allows names that DNS does not, such as one of 100 characters.
        }
    }

    private static boolean isShortId(ContainerId container, String text) {
        return text.length() >= 12 && container.value().startsWith(text);
    }
}
