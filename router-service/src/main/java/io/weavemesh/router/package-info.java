/**
 * The overlay as a deterministic state machine, and the texts of the status pages.
 *
 * <p>Owns: which networks, endpoints and peers there are as far as this host's data path is concerned, and what the
 * kernel must look like because of them. Refuses to know: Vert.x, netlink sockets, the bus, clocks, files, Docker.
 *
 * <p>Threading: {@link io.weavemesh.router.Overlay} and {@link io.weavemesh.router.DriftWatch} belong to one thread, that
 * of the verticle. Everything else is immutable.
 */
@NullMarked
package io.weavemesh.router;

import org.jspecify.annotations.NullMarked;
