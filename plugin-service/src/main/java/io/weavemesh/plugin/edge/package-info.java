/**
 * The edge of plugin-service: HTTP on Docker's plugin sockets, the client of Docker's API, the watcher of containers.
 *
 * <p>Carries out what the core decides. Everything runs on one Vert.x context.
 */
@NullMarked
package io.weavemesh.plugin.edge;

import org.jspecify.annotations.NullMarked;
