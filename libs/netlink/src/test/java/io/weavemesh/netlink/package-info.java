/** Tests; those of tag {@code kernel} need root and make network namespaces of their own. */
@NullMarked
package io.weavemesh.netlink;

import org.jspecify.annotations.NullMarked;
