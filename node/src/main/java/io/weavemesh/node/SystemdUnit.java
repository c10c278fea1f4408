package io.weavemesh.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * The peer as a service of systemd: the unit's text, and what is done with it.
 *
 * @param file where administrators' units are, {@code /etc/systemd/system/weave.service}
 */
record SystemdUnit(Path file) {

    static final String NAME = "weave.service";

    /** Set by the unit, so that a peer knows whose it is. */
    static final String VARIABLE = "WEAVE_UNIT";

    /** sysexits.h: EX_CONFIG. A start that will never succeed is not repeated. */
    static final int BAD_CONFIGURATION = 78;

    /** Read by the unit of a package, as Debian's services do. */
    static final String SETTINGS = "/etc/default/weave";

    /** sd_booted(3). */
    private static final Path BOOTED = Path.of("/run/systemd/system");

    private static final long COMMAND_SECONDS = 60;

    static SystemdUnit ofThisHost() {
        return new SystemdUnit(Path.of("/etc/systemd/system", NAME));
    }

    static boolean systemdRuns() {
        return Files.isDirectory(BOOTED);
    }

    boolean isInstalled() {
        return Files.exists(file);
    }

    /**
     * The unit of one launch.
     *
     * @param script the command {@code weave}
     * @param javaHome what the script finds now; at boot there is no login that could set another. Left out where the script
     *     has a runtime of its own.
     * @param arguments of {@code weave launch}
     */
    static String text(Path script, Path javaHome, List<String> arguments) {
        boolean ownRuntime = Files.exists(script.resolveSibling("runtime"));
        return unit(
                "Written by 'weave setup --systemd', which also replaces it; 'weave setup --systemd --remove' removes it.",
                ownRuntime ? "" : "Environment=JAVA_HOME=" + javaHome + "\n",
                quoted(script.toString()) + " launch --foreground"
                        + arguments.stream()
                                .map(argument -> " " + quoted(argument))
                                .collect(Collectors.joining()));
    }

    /**
     * The unit of a package: its peers and options are in a file of settings. One that {@code weave setup --systemd} writes takes
     * precedence over it.
     */
    static String packaged(Path script) {
        return unit(
                "Peers and options are in " + SETTINGS
                        + "; 'weave setup --systemd' writes a unit that goes before this one.",
                "Environment=WEAVE_LAUNCH=\nEnvironmentFile=-" + SETTINGS + "\n",
                quoted(script.toString()) + " launch --foreground $WEAVE_LAUNCH");
    }

    /**
     * What is not restricted is needed: namespaces of networks (moving interfaces into containers), /proc/sys (settings of our
     * interfaces), other processes in /proc (whose namespaces those are), memory that is written and executed (the JVM's
     * compiler), raw sockets (iptables-legacy). Modules that the kernel loads for our devices are not loaded by us.
     */
    private static String unit(String origin, String environment, String command) {
        return """
                # %s
                [Unit]
                Description=weave: one Docker network across many hosts
                # Docker asks for its drivers when it starts, and waits a quarter of a minute for one that is not there.
                Before=docker.service
                Wants=network-online.target
                After=network-online.target
                StartLimitIntervalSec=0

                [Service]
                Type=notify
                Environment=%s=%%n
                %sExecStart=%s
                Restart=always
                RestartSec=200ms
                RestartPreventExitStatus=%d
                SuccessExitStatus=143
                TimeoutStartSec=60
                TimeoutStopSec=20
                WatchdogSec=30
                KillMode=mixed
                StandardOutput=journal
                StandardError=journal
                SyslogIdentifier=weave
                Nice=-10
                OOMScoreAdjust=-500
                LimitNOFILE=65536
                CapabilityBoundingSet=CAP_NET_ADMIN CAP_NET_RAW CAP_NET_BIND_SERVICE CAP_SYS_ADMIN CAP_SYS_PTRACE CAP_DAC_OVERRIDE CAP_FOWNER
                NoNewPrivileges=yes
                ProtectSystem=full
                ProtectHome=read-only
                ProtectControlGroups=yes
                ProtectClock=yes
                ProtectHostname=yes
                ProtectKernelLogs=yes
                ProtectKernelModules=yes
                PrivateDevices=yes
                PrivateMounts=yes
                PrivateTmp=yes
                RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK AF_PACKET
                RestrictNamespaces=net
                RestrictRealtime=yes
                RestrictSUIDSGID=yes
                LockPersonality=yes
                SystemCallArchitectures=native
                SystemCallFilter=@system-service
                SystemCallErrorNumber=EPERM

                [Install]
                WantedBy=multi-user.target docker.service
                """.formatted(origin, VARIABLE, environment, command, BAD_CONFIGURATION);
    }

    /** As ExecStart= takes it (systemd.service(5), "Command lines"): nothing in it is a specifier or a variable. */
    private static String quoted(String argument) {
        String escaped = argument.replace("\\", "\\\\")
                .replace("\"", "\\\"")
                .replace("%", "%%")
                .replace("$", "$$");
        return argument.matches("[A-Za-z0-9_./:=,@+-]+") ? argument : "\"" + escaped + "\"";
    }

    /** Writes it and has it started at every boot from now on. Where systemd does not run now it takes effect at the boot. */
    void install(String text) throws InterruptedException {
        new WholeFile(file).write(text);
        if (systemdRuns()) {
            systemctl("daemon-reload");
            systemctl("enable", NAME);
        }
    }

    /** Stops it and removes it; harmless where it is not. */
    void remove() throws InterruptedException {
        if (!isInstalled()) {
            return;
        }
        if (systemdRuns()) {
            systemctl("disable", "--now", NAME);
        }
        new WholeFile(file).delete();
        if (systemdRuns()) {
            systemctl("daemon-reload");
        }
    }

    void stop() throws InterruptedException {
        systemctl("stop", NAME);
    }

    /** Runs it on our terminal and waits for its end. */
    static void systemctl(String... arguments) throws InterruptedException {
        List<String> command = new ArrayList<>(List.of("systemctl"));
        command.addAll(List.of(arguments));
        String shown = String.join(" ", command);
        try {
            Process process = new ProcessBuilder(command).inheritIO().start();
            if (!process.waitFor(COMMAND_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new UserError("'" + shown + "' did not end within " + COMMAND_SECONDS + " s");
            }
            if (process.exitValue() != 0) {
                throw new UserError("'" + shown + "' failed with status " + process.exitValue()
                        + " (see above, and: journalctl -u " + NAME + ")");
            }
        } catch (IOException e) {
            throw new UserError("cannot run '" + shown + "': " + e.getMessage());
        }
    }
}
