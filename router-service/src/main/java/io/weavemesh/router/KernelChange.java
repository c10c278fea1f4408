package io.weavemesh.router;

/** One step from what the kernel holds to what it should hold. All steps may be repeated. */
public sealed interface KernelChange {

    /** Make what is not there. */
    record Add(KernelItem item) implements KernelChange {}

    /** Turn what is there into what should be there; both have the same key. */
    record Update(KernelItem before, KernelItem after) implements KernelChange {}

    /** Take away what should not be there. Of a device, everything on it goes, too. */
    record Remove(KernelItem item) implements KernelChange {}
}
