/** What tests simulate many peers with; in no process of a user. Not thread-safe: a simulation is one thread. */
@NullMarked
package io.weavemesh.simulation;

import org.jspecify.annotations.NullMarked;
