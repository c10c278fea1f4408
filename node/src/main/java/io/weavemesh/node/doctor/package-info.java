/** What {@code weave doctor} looks at and what it makes of it. Only {@link io.weavemesh.node.doctor.ThisHost} touches the host. */
@org.jspecify.annotations.NullMarked
package io.weavemesh.node.doctor;
