package io.weavemesh.node;

import io.weavemesh.node.ContainerLog.Line;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The logs of a peer in four containers, as {@code docker logs} has them. Blocks. */
final class ServiceLogs {

    private static final String PREFIX = "weave-";

    private final List<String> containers;
    private final Path dockerSocket;

    /** When each was last heard of. */
    private final Map<String, String> seen = new HashMap<>();

    /** @param containers their names */
    ServiceLogs(List<String> containers, Path dockerSocket) {
        this.containers = containers;
        this.dockerSocket = dockerSocket;
    }

    /** What they have written so far, the last {@code tail} lines of it. */
    void show(int tail) throws IOException, InterruptedException {
        List<Process> processes = new ArrayList<>();
        List<Iterator<Line>> logs = new ArrayList<>();
        for (String container : containers) {
            Process process = docker(
                    container, tail == Integer.MAX_VALUE ? List.of() : List.of("--tail", Integer.toString(tail)));
            processes.add(process);
            logs.add(lines(container, process));
        }
        if (tail == Integer.MAX_VALUE) {
            ContainerLog.merge(logs, this::print);
        } else {
            Deque<Line> last = new ArrayDeque<>();
            ContainerLog.merge(logs, line -> {
                last.addLast(line);
                if (last.size() > tail) {
                    last.removeFirst();
                }
                note(line);
            });
            last.forEach(this::print);
        }
        for (Process process : processes) {
            process.waitFor();
        }
    }

    /** What they add to it, each line when it comes, until all of them have ended. */
    void follow() throws IOException, InterruptedException {
        List<Thread> readers = new ArrayList<>();
        for (String container : containers) {
            String since = seen.getOrDefault(service(container), "");
            List<String> options = new ArrayList<>(List.of("--follow"));
            options.addAll(since.isEmpty() ? List.of() : List.of("--since", since));
            Iterator<Line> lines = lines(container, docker(container, options));
            readers.add(Thread.ofVirtual().start(() -> lines.forEachRemaining(after(since, this::print))));
        }
        for (Thread reader : readers) {
            reader.join();
        }
    }

    /** {@code --since} includes the moment itself. */
    private static Consumer<Line> after(String time, Consumer<Line> consumer) {
        return line -> {
            if (line.time().isEmpty() || line.time().compareTo(time) > 0) {
                consumer.accept(line);
            }
        };
    }

    private void note(Line line) {
        seen.put(line.service(), line.time());
    }

    private synchronized void print(Line line) {
        note(line);
        System.out.println(line.shown());
    }

    private Process docker(String container, List<String> options) throws IOException {
        List<String> command =
                new ArrayList<>(List.of("docker", "-H", "unix://" + dockerSocket, "logs", "--timestamps"));
        command.addAll(options);
        command.add(container);
        try {
            return new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new UserError("weave runs as containers on this host (" + String.join(", ", containers)
                    + "), and there is no command 'docker' here to read their logs with: read them on the host");
        }
    }

    private static Iterator<Line> lines(String container, Process process) {
        BufferedReader reader = process.inputReader(StandardCharsets.UTF_8);
        String service = service(container);
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close the input of docker logs", e);
        }
        return reader.lines().map(raw -> Line.parse(service, raw)).iterator();
    }

    private static String service(String container) {
        return container.substring(PREFIX.length());
    }
}
