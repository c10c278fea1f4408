package io.weavemesh.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The disk that measurements leave files on. */
final class Disk {

    private Disk() {}

    /** Milliseconds that a write and a sync of 4 KiB take, which every journal waits for. */
    static List<Double> syncs(Path directory) throws IOException {
        List<Double> samples = new ArrayList<>();
        try (FileChannel file =
                FileChannel.open(directory.resolve("sync"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (int i = 0; i < 200; i++) {
                long begin = System.nanoTime();
                file.write(ByteBuffer.allocate(4_096));
                file.force(false);
                samples.add((System.nanoTime() - begin) / 1e6);
            }
        }
        return samples;
    }

    /** Removes a directory with all that is in it. */
    static void delete(Path directory) throws IOException {
        try (var files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
