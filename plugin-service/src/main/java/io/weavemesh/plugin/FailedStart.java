package io.weavemesh.plugin;

import java.util.Set;
import java.util.regex.Pattern;

/**
 * A container that is to run and does not, because Docker did not find our driver when it started it. Docker does not try
 * again after a boot, not even with {@code --restart always} (seen with 20.10).
 */
public final class FailedStart {

    private static final Set<String> TO_RUN = Set.of("always", "unless-stopped");

    /** In the words of Docker 20.10 to 29: no plugin file, nobody at its socket, and our own refusal while we start. */
    private static final Pattern NO_DRIVER = Pattern.compile(
            "plugin \"?weave(mesh)?\\b|plugins(/|%2F)weave(mesh)?\\.sock|weave is still starting",
            Pattern.CASE_INSENSITIVE);

    private FailedStart() {}

    /**
     * Whether this is one, by what Docker shows of a container.
     *
     * @param status {@code State.Status}
     * @param error {@code State.Error}: why its last start failed; empty if it did not
     * @param restartPolicy {@code HostConfig.RestartPolicy.Name}
     */
    public static boolean is(String status, String error, String restartPolicy) {
        return (status.equals("exited") || status.equals("created"))
                && TO_RUN.contains(restartPolicy)
                && NO_DRIVER.matcher(error).find();
    }
}
