package io.weavemesh.plugin.edge;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.plugin.NetworkDriver.Scope;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What plugin-service runs with.
 *
 * @param weaveScope that of the driver {@code weave}; {@code weavemesh} is local
 * @param pluginDirectory where dockerd looks for sockets, {@code /run/docker/plugins}
 * @param dockerSocket dockerd's API, {@code /var/run/docker.sock}; nothing where it may not be used
 * @param domain of the names containers get
 * @param defaultSubnet of the network {@code weave}
 * @param cniSocket where the CNI plugin {@code weave-net} asks, {@code /run/weave/cni.sock}
 */
public record PluginSettings(
        Scope weaveScope,
        Path pluginDirectory,
        Optional<Path> dockerSocket,
        Fqdn domain,
        Cidr defaultSubnet,
        Path cniSocket) {}
