/**
 * The vocabulary all services share: value types, the messages they exchange over the event bus, and the addresses
 * those travel to.
 *
 * <p>Owns: meaning, validity and text form of every value. Refuses to know: JSON, Vert.x, Hazelcast, Docker, the kernel.
 * Everything here is immutable and safe to share between threads.
 */
@NullMarked
package io.weavemesh.contract;

import org.jspecify.annotations.NullMarked;
