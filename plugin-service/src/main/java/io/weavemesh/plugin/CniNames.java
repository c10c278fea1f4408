package io.weavemesh.plugin;

import io.weavemesh.contract.Fqdn;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/**
 * Under which names a container of CNI's is known in our domain: {@code POD.NAMESPACE.weave.local.} where the runtime tells a
 * namespace, as Kubernetes does, since only there a pod's name is unique; {@code NAME.weave.local.} where it tells a name alone,
 * as podman does; and each of its aliases.
 */
final class CniNames {

    /** What Kubernetes has called them in {@code CNI_ARGS} since before there was a convention; others took it over. */
    private static final String NAME = "K8S_POD_NAME";

    private static final String NAMESPACE = "K8S_POD_NAMESPACE";

    private CniNames() {}

    static List<Fqdn> of(CniCall call, List<String> aliases, Fqdn domain) {
        List<String> texts = new ArrayList<>();
        String name = call.arguments().getOrDefault(NAME, "");
        if (!name.isEmpty()) {
            String namespace = call.arguments().getOrDefault(NAMESPACE, "");
            texts.add(namespace.isEmpty() ? name : name + "." + namespace);
        }
        texts.addAll(aliases);
        LinkedHashSet<Fqdn> names = new LinkedHashSet<>();
        texts.forEach(text -> parse(text, domain).ifPresent(names::add));
        return List.copyOf(names);
    }

    /** Runtimes allow names that DNS does not. A name that is in the domain already is not put there twice. */
    private static Optional<Fqdn> parse(String text, Fqdn domain) {
        try {
            Fqdn whole = Fqdn.parse(text);
            return Optional.of(whole.isWithin(domain) ? whole : Fqdn.qualify(text, domain));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
