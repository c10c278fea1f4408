/**
 * The core of dns-service: the DNS message format, the table of names, and what is answered to which question.
 *
 * <p>Owns: the bytes of questions and answers, which records a name has, which names an endpoint has, and what may be
 * asked of an upstream resolver. Refuses to know: sockets, files, clocks, threads, the bus and how names reach other
 * peers.
 *
 * <p>Threading: {@link io.weavemesh.dns.Zone} is immutable and may be shared; a {@link io.weavemesh.dns.Responder} and
 * {@link io.weavemesh.dns.Registrations} belong to one thread each.
 */
@NullMarked
package io.weavemesh.dns;

import org.jspecify.annotations.NullMarked;
