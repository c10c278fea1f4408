package io.weavemesh.router.edge;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds out who has a TCP port, for the error message. Reads /proc, which shows other users' processes to root only. */
final class PortOwner {

    private static final Path PROC = Path.of("/proc");
    private static final String LISTENING = "0A";
    private static final int LOCAL_ADDRESS = 1;
    private static final int STATE = 3;
    private static final int INODE = 9;

    private PortOwner() {}

    /** {@code ; process 4711 (java) has it}, or an empty text if that cannot be told. Blocks. */
    static String describe(int port) {
        return inode(port).flatMap(PortOwner::process).orElse("");
    }

    private static Optional<String> inode(int port) {
        String suffix = ":%04X".formatted(port);
        for (String table : List.of("net/tcp", "net/tcp6")) {
            try (Stream<String> lines = Files.lines(PROC.resolve(table))) {
                Optional<String> inode = lines.skip(1)
                        .map(line -> line.strip().split("\\s+"))
                        .filter(row -> row.length > INODE
                                && row[LOCAL_ADDRESS].endsWith(suffix)
                                && row[STATE].equals(LISTENING))
                        .map(row -> row[INODE])
                        .findFirst();
                if (inode.isPresent()) {
                    return inode;
                }
            } catch (IOException e) {
                return Optional.empty(); // No /proc: the message goes without.
            }
        }
        return Optional.empty();
    }

    private static Optional<String> process(String inode) {
        Path socket = Path.of("socket:[" + inode + "]");
        try (Stream<Path> processes = Files.list(PROC)) {
            return processes
                    .filter(path -> path.getFileName().toString().matches("[0-9]+"))
                    .filter(path -> holds(path.resolve("fd"), socket))
                    .findFirst()
                    .map(path -> "; process " + path.getFileName() + name(path) + " has it");
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static boolean holds(Path descriptors, Path socket) {
        try (Stream<Path> files = Files.list(descriptors)) {
            return files.anyMatch(file -> isLinkTo(file, socket));
        } catch (IOException e) {
            return false; // It ended meanwhile, or is not ours to look into.
        }
    }

    private static boolean isLinkTo(Path file, Path target) {
        try {
            return Files.readSymbolicLink(file).equals(target);
        } catch (IOException e) {
            return false;
        }
    }

    private static String name(Path process) {
        try {
            return " (" + Files.readString(process.resolve("comm")).strip() + ")";
        } catch (IOException e) {
            return "";
        }
    }
}
