package io.weavemesh.node;

import io.weavemesh.contract.Service;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The services that run on this host as processes of their own, by the locks they hold: known where containers share the
 * directory of {@link HostPaths#run}, and without asking Docker.
 */
final class RunningServices {

    private RunningServices() {}

    /** Those that run alone; none where a whole peer runs, or nothing. */
    static List<Service> alone(HostPaths paths) {
        return Arrays.stream(Service.values())
                .filter(service -> PidFile.isHeld(paths.pidFile(service)))
                .toList();
    }

    /** @throws UserError if what is to be started would be a second peer of this host */
    static void refuseSecondPeer(HostPaths paths, Set<Service> services) {
        if (services.size() == 1 && PidFile.isHeld(paths.pidFile())) {
            throw new UserError(
                    "a whole peer runs on this host already, started by 'weave launch' or systemd: stop it with"
                            + " 'weave stop' before its services run in containers");
        }
        List<Service> others = services.size() == 1 ? List.of() : alone(paths);
        if (!others.isEmpty()) {
            throw new UserError("weave runs on this host already, each service in a container of its own ("
                    + labels(others) + "): see it with 'weave status', stop it with 'weave stop'");
        }
    }

    static String labels(List<Service> services) {
        return services.stream().map(Service::label).collect(Collectors.joining(", "));
    }
}
