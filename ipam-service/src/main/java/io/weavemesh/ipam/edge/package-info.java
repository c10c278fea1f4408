/** The edge of ipam-service: carries the core's effects to the bus and the disk. Everything runs on one Vert.x context. */
@NullMarked
package io.weavemesh.ipam.edge;

import org.jspecify.annotations.NullMarked;
