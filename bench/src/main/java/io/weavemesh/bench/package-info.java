/** What is promised of weavemesh in numbers, measured. Benchmarks of a core are in that core's package, the rest is here. */
@NullMarked
package io.weavemesh.bench;

import org.jspecify.annotations.NullMarked;
