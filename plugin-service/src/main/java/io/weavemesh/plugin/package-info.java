/**
 * The core of plugin-service: what each call of Docker's remote driver protocol means, and what this host's networks and
 * endpoints are.
 *
 * <p>Owns: the translation of driver calls into messages for the other services, and the journal of networks and endpoints.
 * Refuses to know: HTTP, sockets, JSON text, Docker's API, time. Not safe for several threads; the verticle's context is the
 * only caller.
 */
@NullMarked
package io.weavemesh.plugin;

import org.jspecify.annotations.NullMarked;
