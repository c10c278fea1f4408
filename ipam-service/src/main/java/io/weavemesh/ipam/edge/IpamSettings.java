package io.weavemesh.ipam.edge;

import io.weavemesh.contract.Check;
import io.weavemesh.contract.Cidr;
import io.weavemesh.ipam.InitMode;
import io.weavemesh.ipam.IpamRules;
import io.weavemesh.ipam.NetworkBlocks;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What ipam-service runs with. */
public record IpamSettings(IpamRules rules) {

    private static final Pattern DURATION = Pattern.compile("([0-9]{1,6})([hms])");
    private static final Duration LEAST = Duration.ofSeconds(20);

    /**
     * Reads {@code --ipalloc-init}.
     *
     * @param universe {@code --ipalloc-range}
     * @param defaultSubnet {@code --ipalloc-default-subnet}
     * @param poolRange {@code --ipalloc-pool-range}
     * @param init {@code --ipalloc-init}
     * @param reclaimAfter {@code --ipalloc-reclaim-after}
     * @param expectedPeers the number of peers named at launch, this one included
     * @throws IllegalArgumentException if the mode or the time is none, or the ranges overlap
     */
    public static IpamSettings of(
            Cidr universe,
            Cidr defaultSubnet,
            Cidr poolRange,
            Optional<String> init,
            String reclaimAfter,
            int expectedPeers) {
        return new IpamSettings(new IpamRules(
                universe,
                defaultSubnet,
                new NetworkBlocks(poolRange),
                InitMode.parse(init, expectedPeers),
                duration(reclaimAfter)));
    }

    private static Optional<Duration> duration(String text) {
        if (text.equals("off")) {
            return Optional.empty();
        }
        Matcher given = DURATION.matcher(text);
        Check.argument(
                given.matches(), "--ipalloc-reclaim-after '%s' is no time (expected 24h, 30m, 90s… or off)", text);
        long number = Long.parseLong(given.group(1));
        Duration time = given.group(2).equals("h")
                ? Duration.ofHours(number)
                : given.group(2).equals("m") ? Duration.ofMinutes(number) : Duration.ofSeconds(number);
        Check.argument(
                time.compareTo(LEAST) >= 0,
                "--ipalloc-reclaim-after %s is less than %d s, in which a peer may just restart",
                text,
                LEAST.toSeconds());
        return Optional.of(time);
    }
}
