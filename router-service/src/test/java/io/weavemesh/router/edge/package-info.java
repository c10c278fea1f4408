/** Specifications of router-service's edge, with hand-written doubles and, as root, the real kernel. */
@NullMarked
package io.weavemesh.router.edge;

import org.jspecify.annotations.NullMarked;
