package io.weavemesh.node.doctor;

import java.util.List;
import java.util.Optional;

/** A host as the checks see it. Blocks; each method is bounded in time. */
public interface Host {

    /** How a command ended; status 127 if there is no such command, 124 if it took too long. */
    record Output(int status, String out, String err) {
        boolean ok() {
            return status == 0;
        }

        boolean missing() {
            return status == 127;
        }

        /** The last line it had to say about its failure. */
        String complaint() {
            String text = err.isBlank() ? out : err;
            return text.strip().lines().reduce("", (_, line) -> line);
        }
    }

    /** A file's text; nothing if it cannot be read. */
    Optional<String> read(String path);

    /** The names in a directory; none if there is no such directory. */
    List<String> list(String directory);

    boolean exists(String path);

    /** Room left where a path is, in bytes; nothing if that cannot be told. */
    Optional<Long> freeBytes(String path);

    /** The MTU of the interface that has an address, in bytes; nothing if none has it. */
    Optional<Integer> mtuOf(String address);

    Output run(String... command);

    /** A page of the control API of this host's peer; nothing if nobody answers there. */
    Optional<String> page(String path);

    /** What a plugin answers to Docker's handshake on its socket; nothing if nobody answers. */
    Optional<String> activate(String socket);
}
