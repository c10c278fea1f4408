/**
 * The core of ipam-service: who owns which addresses, and who holds them.
 *
 * <p>Owns: the rings, the first division, this peer's allocations. Refuses to know: the bus, the disk, the clock. Inputs come
 * in with the time, effects go out; the verticle's context is the only caller.
 */
@NullMarked
package io.weavemesh.ipam;

import org.jspecify.annotations.NullMarked;
