/** Specifications of the checks of {@code weave doctor}. */
@org.jspecify.annotations.NullMarked
package io.weavemesh.node.doctor;
