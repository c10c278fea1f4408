package io.weavemesh.netlink;

import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Entering network namespaces. */
final class Namespaces {

    private static final int O_RDONLY = 0;
    private static final int O_CLOEXEC = 0x80000;
    private static final int CLONE_NEWNET = 0x40000000;

    private Namespaces() {}

    /**
     * Runs something inside a namespace, on a platform thread of its own that ends afterwards: setns(2) changes a thread, and a
     * pooled or virtual one would take others along. Waits for the result, also when interrupted.
     */
    static <T> T callIn(LibC libc, Path namespace, Supplier<T> body) {
        FutureTask<T> task = new FutureTask<>(() -> {
            enter(libc, namespace);
            return body.get();
        });
        Thread.ofPlatform().name("enter " + namespace).start(task);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            throw rethrown(e.getCause());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Opens a namespace's file; the caller closes it. */
    static int open(LibC libc, Path namespace) {
        int file = libc.open(namespace.toString(), O_RDONLY | O_CLOEXEC);
        if (file < 0) {
            throw new NetlinkException("open network namespace " + namespace, -file);
        }
        return file;
    }

    private static void enter(LibC libc, Path namespace) {
        int file = open(libc, namespace);
        try {
            int entered = libc.setns(file, CLONE_NEWNET);
            if (entered < 0) {
                throw new NetlinkException("enter network namespace " + namespace, -entered);
            }
        } finally {
            libc.close(file);
        }
    }

    private static RuntimeException rethrown(@Nullable Throwable cause) {
        if (cause instanceof Error error) {
            throw error;
        }
        return cause instanceof RuntimeException exception
                ? exception
                : new IllegalStateException("a supplier threw a checked exception", cause);
    }
}
