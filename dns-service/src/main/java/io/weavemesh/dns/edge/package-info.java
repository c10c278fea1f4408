/**
 * Carries out what the core of dns-service decides: UDP and TCP servers, the questions to the host's resolvers, and the
 * verticle that connects them to the bus.
 *
 * <p>Owns: sockets, threads, timers and logging of dns-service. Refuses to know: the bytes of messages and what the answer to
 * a question is.
 *
 * <p>Threading: the verticle, the TCP servers and the table are on the verticle's context. Each UDP address is served by a
 * platform thread of its own, which reads the present zone and shares nothing else. Each question to a resolver is a virtual
 * thread, of which there is a limited number.
 */
@NullMarked
package io.weavemesh.dns.edge;

import org.jspecify.annotations.NullMarked;
