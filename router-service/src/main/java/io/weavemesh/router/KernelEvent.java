package io.weavemesh.router;

/** What the kernel reported about our part of it, whoever caused it, we included. */
public sealed interface KernelEvent {

    /** It is there now, or is like this now. */
    record Appeared(KernelItem item) implements KernelEvent {}

    record Vanished(KernelItem.ItemKey key) implements KernelEvent {}

    /** Reports were lost; anything may have happened. */
    record Overrun(String reason) implements KernelEvent {}
}
