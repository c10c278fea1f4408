package io.weavemesh.dns.edge;

import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/**
 * A file of the host, seen from the host itself or from a container that has some of the host's directories below one of its
 * own. Not the file as it was once: it is looked for anew each time.
 *
 * <p>Symbolic links lead where they lead on the host. Followed by the kernel, an absolute one, such as that from
 * {@code /etc/resolv.conf} to {@code /run/systemd/resolve/stub-resolv.conf}, would lead to the container's own files.
 *
 * @param root where the host's root directory is
 * @param path the file's path on the host, absolute
 */
record HostFile(Path root, Path path) {

    /** Where a peer in containers finds the host's directories; without it, the host's root is ours. */
    private static final String ROOT = "WEAVE_HOST_ROOT";

    private static final Path OURS = Path.of("/");

    /** As Linux has it, path_resolution(7). */
    private static final int MAX_LINKS = 40;

    /** A file of the host this process runs on, or whose containers' one this is. */
    static HostFile of(Path path, Map<String, String> environment) {
        return new HostFile(Path.of(environment.getOrDefault(ROOT, "/")), path.toAbsolutePath());
    }

    /**
     * Where it is now. If the host's cannot be seen from here, because a link leads to somewhere that is not below the root,
     * it is our own file of that name: of resolv.conf Docker gives a container a copy when it is started.
     *
     * @throws FileSystemLoopException if there are too many links
     */
    Path locate() throws IOException {
        if (root.equals(OURS)) {
            return path;
        }
        Path found = follow();
        return Files.exists(found) ? found : path;
    }

    private Path follow() throws IOException {
        Deque<Path> ahead = new ArrayDeque<>();
        path.forEach(ahead::addLast);
        Path at = root;
        int links = 0;
        while (!ahead.isEmpty()) {
            Path name = ahead.removeFirst();
            Path next =
                    name.toString().equals("..") ? above(at) : at.resolve(name).normalize();
            if (!Files.isSymbolicLink(next)) {
                at = next;
                continue;
            }
            if (++links > MAX_LINKS) {
                throw new FileSystemLoopException(path.toString());
            }
            Path target = Files.readSymbolicLink(next);
            at = target.isAbsolute() ? root : at;
            List<Path> names = new ArrayList<>();
            target.forEach(names::add);
            names.reversed().forEach(ahead::addFirst);
        }
        return at;
    }

    /** The directory above, but not above the root: there, ".." stays where it is. */
    private Path above(Path directory) {
        return directory.equals(root) ? root : directory.resolve("..").normalize();
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
