/**
 * The process: wires the four services together by hand, and the {@code weave} command line.
 *
 * <p>Owns: option parsing, files and sockets of one peer, what is started in which order, what a user reads at the
 * terminal. Refuses to know: how a service does its work. Commands run on the main thread.
 */
@NullMarked
package io.weavemesh.node;

import org.jspecify.annotations.NullMarked;
