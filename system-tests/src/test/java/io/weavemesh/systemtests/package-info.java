/**
 * Sessions on several Docker hosts of one machine, as a user would type them.
 *
 * <p>Owns the fixture ({@code Lab}, driven by the script {@code system-tests/lab}) and the sessions. Refuses to know any
 * class of the product: everything goes through the {@code weave} command, Docker, and the network. One thread.
 */
@NullMarked
package io.weavemesh.systemtests;

import org.jspecify.annotations.NullMarked;
