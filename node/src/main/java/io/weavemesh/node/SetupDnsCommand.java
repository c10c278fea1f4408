package io.weavemesh.node;

import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code weave setup-dns}: makes Docker give our DNS to every container, so that names resolve without arguments.
 *
 * <p>By daemon.json, because it is what every engine since 20.10 obeys. A routing domain of systemd-resolved does not reach
 * containers: where resolv.conf names its stub, Docker goes past it to the resolvers behind (moby's resolvconf.Path).
 */
@Command(
        name = "setup-dns",
        description = "Make Docker give our DNS to all containers, by its daemon.json; or undo that.",
        footer = {
            "",
            "Containers ask this peer first, and the host's resolvers while it does not run. Docker reads its file when it"
                    + " starts; nothing restarts it unless --restart-docker is given."
        })
final class SetupDnsCommand implements Callable<Integer> {

    private static final String DEFAULT_DOMAIN = "weave.local.";
    private static final String DNS_PORT_SUFFIX = ":53";
    private static final String BACKUP_SUFFIX = ".before-weave";

    @Mixin
    HelpOption help = new HelpOption();

    @Option(names = "--remove", description = "Undo it.")
    private boolean remove;

    @Option(names = "--merge", description = "Go in front of resolvers and search domains that are set there already.")
    private boolean merge;

    @Option(
            names = "--restart-docker",
            description =
                    "Restart Docker if something was changed. Containers stop, unless it keeps them (live-restore).")
    private boolean restart;

    @Option(
            names = "--daemon-json",
            paramLabel = "FILE",
            description = "Docker's configuration. Default: the one it was started with, or /etc/docker/daemon.json.")
    private Optional<Path> file = Optional.empty();

    @Option(
            names = "--address",
            paramLabel = "IP",
            description = "Our DNS as containers reach it. Default: where the peer answers, or Docker's bridge.")
    private Optional<IpAddress> address = Optional.empty();

    @Option(
            names = "--dns-domain",
            paramLabel = "DOMAIN",
            description = "Our domain. Default: the running peer's, or weave.local.")
    private Optional<Fqdn> domain = Optional.empty();

    @Option(
            names = "--resolv-conf",
            paramLabel = "FILE",
            defaultValue = "/etc/resolv.conf",
            description = "Names the host's resolvers. Default: /etc/resolv.conf.")
    @SuppressWarnings("NullAway.Init") // Set by picocli from the default.
    private Path resolvConf;

    @Override
    public Integer call() throws IOException, InterruptedException {
        WholeFile noteFile =
                new WholeFile(HostPaths.fromEnvironment(System.getenv()).dockerDnsNote());
        Optional<DockerDns.Note> note = note(noteFile);
        boolean changed = remove ? remove(noteFile, note) : install(noteFile, note);
        if (changed && restart) {
            restartDocker();
        } else if (changed) {
            System.out.println("Docker reads this when it starts, not on a reload: restart it, for example by"
                    + " 'systemctl restart docker'. Containers get it when they are started after that.");
        }
        return 0;
    }

    /** Says what containers do about names now that the peer does not run, if Docker gives them our DNS. */
    static void remind(HostPaths paths) {
        note(new WholeFile(paths.dockerDnsNote())).ifPresent(note -> {
            List<String> servers = note.wrote().getOrDefault(DockerDns.SERVERS, List.of());
            System.out.println(
                    servers.size() > 1
                            ? "Containers resolve names by " + String.join(", ", servers.subList(1, servers.size()))
                                    + " until weave runs again; for good: weave setup-dns --remove"
                            : "Containers cannot resolve any name until weave runs again: Docker knows no other resolver."
                                    + " For good: weave setup-dns --remove");
        });
    }

    private static Optional<DockerDns.Note> note(WholeFile noteFile) {
        LogFile.toNowhere(); // Else the JSON library says which parts of it are there.
        try {
            return noteFile.read().map(DockerDns.Note::parse);
        } catch (IllegalArgumentException e) {
            throw new UserError("cannot read " + noteFile + ", which says what setup-dns did: " + e.getMessage()
                    + "; delete it, and what it did from Docker's daemon.json");
        }
    }

    private boolean install(WholeFile noteFile, Optional<DockerDns.Note> present) {
        DockerEngine engine = DockerEngine.find();
        engine.dnsOption().ifPresent(option -> {
            throw new UserError(
                    "dockerd was started with " + option + ", and would not start with the same in its file:"
                            + " take it out of its command line, or put our address in front of it there");
        });
        WholeFile target = new WholeFile(file.orElseGet(engine::configuration));
        present.filter(note -> !note.file().equals(target.toString())).ifPresent(note -> {
            throw new UserError("it was set up in " + note.file() + ", not in " + target
                    + ": undo that first, by: weave setup-dns --remove");
        });
        Optional<String> text = target.read();
        DaemonJson json = parse(target, text.orElse(""));
        Peer peer = peer();
        HostResolvers host = HostResolvers.read(resolvConf, peer.server());
        DockerDns.Plan plan = DockerDns.install(
                json,
                present.orElseGet(() -> DockerDns.Note.none(target.toString(), text.isEmpty())),
                peer.server().toString(),
                peer.domain(),
                host.servers(),
                host.searchDomains(),
                merge);
        boolean changed = !plan.json().text().equals(text.orElse(""));
        if (present.isEmpty()) {
            text.ifPresent(before -> backup(target).write(before));
        }
        if (present.filter(plan.note()::equals).isEmpty()) {
            noteFile.write(plan.note().toJson()); // First: what is not noted would later be taken for somebody else's.
        }
        if (changed) {
            target.write(plan.json().text());
        }
        sayInstalled(target, plan.note(), changed);
        return changed;
    }

    private static void sayInstalled(WholeFile target, DockerDns.Note note, boolean changed) {
        List<String> servers = note.wrote().getOrDefault(DockerDns.SERVERS, List.of());
        System.out.println(target + (changed ? ": set " : ": there is already ") + "\"dns\": " + DockerDns.text(servers)
                + " and \"dns-search\": "
                + DockerDns.text(note.wrote().getOrDefault(DockerDns.SEARCH, List.of())) + "."
                + (changed && !note.created() ? " What was there before: " + backup(target) + "." : ""));
        System.out.println(
                servers.size() > 1
                        ? "Containers ask weave, and while it does not run: "
                                + String.join(", ", servers.subList(1, servers.size())) + "."
                        : "Containers ask weave and nobody else: no resolver of this host can be reached from containers, so"
                                + " they have no DNS while weave does not run.");
    }

    private boolean remove(WholeFile noteFile, Optional<DockerDns.Note> present) {
        if (present.isEmpty()) {
            System.out.println("There is nothing to undo: setup-dns is not in effect on this host.");
            return false;
        }
        DockerDns.Note note = present.get();
        WholeFile target = new WholeFile(file.orElse(Path.of(note.file())));
        Optional<String> text = target.read();
        DockerDns.Plan plan = DockerDns.remove(parse(target, text.orElse("")), note);
        boolean changed = text.isPresent() && !plan.json().text().equals(text.get());
        if (changed && note.created() && plan.json().isEmpty()) {
            target.delete();
        } else if (changed) {
            target.write(plan.json().text());
        }
        WholeFile backup = backup(target);
        if (backup.read().equals(Optional.of(plan.json().text()))) {
            backup.delete(); // The file is as it was.
        }
        noteFile.delete();
        System.out.println(target + ": " + (changed ? "our DNS is out of it." : "nothing of ours was in it any more."));
        for (String key : plan.kept()) {
            System.out.println(
                    "\"" + key + "\" was changed by somebody since, so it was left alone: look whether it names us.");
        }
        return changed;
    }

    private static DaemonJson parse(WholeFile target, String text) {
        try {
            return DaemonJson.parse(text);
        } catch (IllegalArgumentException e) {
            throw new UserError("cannot change " + target + ": " + e.getMessage());
        }
    }

    private static WholeFile backup(WholeFile target) {
        return new WholeFile(target.path().resolveSibling(target.path().getFileName() + BACKUP_SUFFIX));
    }

    /** Where our DNS is, and its domain. */
    private record Peer(IpAddress server, String domain) {}

    private Peer peer() {
        ControlClient api = ControlClient.fromEnvironment(System.getenv());
        Optional<String> running = ask(api, "/domain");
        String text = domain.map(Fqdn::toString).or(() -> running).orElse(DEFAULT_DOMAIN);
        IpAddress server = address.or(() -> running.isEmpty() ? Optional.empty() : answering(api))
                .or(() -> DockerBridge.address(DockerBridge.interfaceName(System.getenv())))
                .orElseThrow(() -> new UserError("neither weave nor Docker runs on this host, so it is not known where"
                        + " names will be answered: launch one of them, or give --address"));
        if (server.toInetAddress().isLoopbackAddress()) {
            throw new UserError("names are answered on " + server + ", where containers cannot ask: launch weave with"
                    + " another --dns-listen-address");
        }
        return new Peer(server, text.replaceAll("\\.$", ""));
    }

    /** Where a running peer answers; nothing if that is every address of the host. */
    private static Optional<IpAddress> answering(ControlClient api) {
        String listening = ask(api, "/dns-address-port").orElse("");
        if (listening.isEmpty()) {
            throw new UserError("weave does not answer names on this host (see: weave status)");
        }
        if (!listening.endsWith(DNS_PORT_SUFFIX)) {
            throw new UserError(
                    "names are answered on " + listening + ", and Docker can only be told of servers on port"
                            + " 53: launch weave with another --dns-listen-address");
        }
        String host = listening.substring(0, listening.length() - DNS_PORT_SUFFIX.length());
        return Optional.of(IpAddress.parse(host.replaceAll("[\\[\\]]", "")))
                .filter(found -> !found.toInetAddress().isAnyLocalAddress());
    }

    /** What the peer says; nothing if none runs, or it has no such page. */
    private static Optional<String> ask(ControlClient api, String path) {
        try {
            ControlClient.Answer answer = api.get(path);
            return answer.ok() ? Optional.of(answer.body().strip()) : Optional.empty();
        } catch (UserError e) {
            return Optional.empty();
        }
    }

    private static void restartDocker() throws IOException, InterruptedException {
        List<String> command = Files.isDirectory(Path.of("/run/systemd/system"))
                ? List.of("systemctl", "restart", "docker")
                : List.of("service", "docker", "restart");
        String shown = String.join(" ", command);
        System.out.println("Restarting Docker: " + shown);
        System.out.flush();
        int status;
        try {
            status = new ProcessBuilder(command).inheritIO().start().waitFor();
        } catch (IOException e) {
            throw new UserError(
                    "cannot restart Docker by '" + shown + "' (" + e.getMessage() + "): restart it by hand");
        }
        if (status != 0) {
            throw new UserError("'" + shown + "' failed with status " + status + ": restart Docker by hand");
        }
    }
}
