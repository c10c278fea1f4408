/** Specifications of the overlay's core and of the status texts. */
@NullMarked
package io.weavemesh.router;

import org.jspecify.annotations.NullMarked;
