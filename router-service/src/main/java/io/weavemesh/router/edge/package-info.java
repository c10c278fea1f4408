/**
 * Carries out what the core of router-service wants: kernel, bus, journal, control API.
 *
 * <p>Owns: the verticle, the kernel's thread, the HTTP servers, and finding out about the underlay. Refuses to know: which
 * entries an overlay needs and how a page looks; both are the core's.
 *
 * <p>Threading: {@link io.weavemesh.router.edge.RouterVerticle} and the HTTP handlers run on the verticle's context.
 * Kernel work is done by one thread of its own, in order, and never waits for the event loop.
 */
@NullMarked
package io.weavemesh.router.edge;

import org.jspecify.annotations.NullMarked;
