package io.weavemesh.plugin;

import io.weavemesh.contract.ContainerId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An event of Docker's ({@code GET /events}) after which a container may have other names. Whatever it was, the container is
 * looked at: events may be late, and two may cross.
 *
 * @param gatewayToo whether its place on {@code docker_gwbridge} may be another one, too
 */
public record DockerEvent(ContainerId container, boolean gatewayToo) {

    /** What to ask Docker for: types and actions, both as its filters want them. */
    public static final Map<String, List<String>> FILTERS = Map.of(
            "type", List.of("container", "network"),
            "event", List.of("start", "die", "destroy", "rename", "health_status", "connect", "disconnect"));

    private static final Set<String> MOVES = Set.of("start", "connect", "disconnect");

    /** The container an event is about; nothing if it is about none. */
    public static Optional<DockerEvent> of(Fields event) {
        Fields actor = event.object("Actor");
        boolean network = event.optionalText("Type").equals(Optional.of("network"));
        Optional<String> container =
                network ? actor.object("Attributes").optionalText("container") : actor.optionalText("ID");
        String action = event.optionalText("Action").orElse("");
        return container.map(id -> new DockerEvent(ContainerId.parse(id), MOVES.contains(action)));
    }
}
