/**
 * What a service needs to live in a cluster: a typed bus, knowledge of the peers, replicated tables, a durable store and
 * health. The only module that knows Hazelcast.
 */
@NullMarked
package io.weavemesh.cluster;

import org.jspecify.annotations.NullMarked;
