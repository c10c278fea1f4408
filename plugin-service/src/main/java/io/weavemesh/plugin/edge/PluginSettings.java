package io.weavemesh.plugin.edge;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.Fqdn;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What plugin-service runs with.
 *
 * @param pluginDirectory where dockerd looks for sockets, {@code /run/docker/plugins}
 * @param dockerSocket dockerd's API, {@code /var/run/docker.sock}; nothing where it may not be used
 * @param domain of the names containers get
 * @param defaultSubnet of the network {@code weave}
 */
public record PluginSettings(Path pluginDirectory, Optional<Path> dockerSocket, Fqdn domain, Cidr defaultSubnet) {}
