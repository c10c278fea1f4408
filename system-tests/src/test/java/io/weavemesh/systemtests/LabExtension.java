package io.weavemesh.systemtests;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;

/**
 * Gives a test class its hosts, keeps their logs in {@code target/lab-logs} when a test fails, and fails a test during
 * which a peer logged an ERROR that was not allowed.
 *
 * <p>Where hosts cannot be made (no root, no Linux, no Docker Engine) the tests are left out and one loud line says so.
 */
final class LabExtension
        implements ExecutionCondition,
                BeforeAllCallback,
                AfterAllCallback,
                AfterTestExecutionCallback,
                LifecycleMethodExecutionExceptionHandler {

    private static final AtomicBoolean SAID = new AtomicBoolean();
    private static final Pattern ERROR_LINE = Pattern.compile("^\\S+ ERROR .*", Pattern.MULTILINE);
    private static final Path LOGS =
            Path.of(System.getProperty("weavemesh.target", "target")).resolve("lab-logs");

    private final int count;
    private final List<String> options = new ArrayList<>();
    private boolean servicesInContainers;
    private final List<Pattern> allowed = new ArrayList<>();
    private final Map<String, Integer> errorsSeen = new HashMap<>();
    private @Nullable Lab lab;

    private LabExtension(int count) {
        this.count = count;
    }

    static LabExtension hosts(int count) {
        return new LabExtension(count);
    }

    /** Docker sets the policy of FORWARD to DROP, as on most real hosts. */
    LabExtension forwardDrop() {
        options.add("--forward-drop");
        return this;
    }

    LabExtension mtu(int bytes) {
        options.addAll(List.of("--mtu", Integer.toString(bytes)));
        return this;
    }

    /** The hosts have IPv6 addresses, and no others. */
    LabExtension underlay6() {
        options.add("--underlay6");
        return this;
    }

    /** The engines share a key-value store, as those before Docker 23 can. */
    LabExtension clusterStore() {
        options.add("--cluster-store");
        return this;
    }

    /** Peers are four containers each, so their logs are Docker's. */
    LabExtension servicesInContainers() {
        servicesInContainers = true;
        return this;
    }

    /** ERROR lines that contain this pattern are part of what the test provokes. */
    LabExtension allowError(String pattern) {
        allowed.add(Pattern.compile(pattern));
        return this;
    }

    Lab lab() {
        if (lab == null) {
            throw new IllegalStateException("the hosts are there from @BeforeAll to @AfterAll only");
        }
        return lab;
    }

    Outcome on(String host, String line) {
        return lab().on(host, line);
    }

    Outcome on(String host, String line, Duration limit) {
        return lab().on(host, line, limit);
    }

    Outcome docker(String host, String arguments) {
        return lab().docker(host, arguments);
    }

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        Optional<String> obstacle = obstacle();
        obstacle.filter(why -> SAID.compareAndSet(false, true)).ifPresent(LabExtension::sayLoudly);
        return obstacle.map(ConditionEvaluationResult::disabled)
                .orElseGet(() -> ConditionEvaluationResult.enabled("root on Linux with Docker Engine"));
    }

    private static void sayLoudly(String obstacle) {
        System.out.println(
                "*** NOT RUN: all sessions on Docker hosts (system-tests, *IT), because " + obstacle + " ***");
    }

    private static Optional<String> obstacle() {
        if (!System.getProperty("os.name").equals("Linux")) {
            return Optional.of("this is not Linux");
        }
        if (!"root".equals(System.getProperty("user.name"))) {
            return Optional.of("this is not root; run as root: scripts/test");
        }
        List<String> tools = List.of(
                "dockerd",
                "docker",
                "ip",
                "iptables",
                "nsenter",
                "unshare",
                "busybox",
                "iperf",
                "dig",
                "curl",
                "python3");
        List<String> missing = tools.stream().filter(tool -> !onPath(tool)).toList();
        return missing.isEmpty()
                ? Optional.empty()
                : Optional.of("this machine lacks " + missing + "; install them with: scripts/setup");
    }

    private static boolean onPath(String tool) {
        return Stream.of("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
                .anyMatch(directory -> Path.of(directory, tool).toFile().canExecute());
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        lab = Lab.up(count, options);
    }

    @Override
    public void handleBeforeAllMethodExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
        keepLogs(context, "beforeAll");
        throw failure;
    }

    @Override
    public void handleBeforeEachMethodExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
        keepLogs(context, context.getRequiredTestMethod().getName() + ".beforeEach");
        throw failure;
    }

    @Override
    public void afterTestExecution(ExtensionContext context) {
        boolean failed = context.getExecutionException().isPresent();
        List<String> errors = newErrors();
        if (failed || !errors.isEmpty()) {
            keepLogs(context, context.getRequiredTestMethod().getName());
        }
        if (!failed) {
            complain(errors);
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        if (lab == null) {
            return;
        }
        try {
            List<String> errors = newErrors();
            if (!errors.isEmpty()) {
                keepLogs(context, "afterAll");
            }
            complain(errors);
        } finally {
            lab().close();
            lab = null;
        }
    }

    private void keepLogs(ExtensionContext context, String test) {
        Path kept = LOGS.resolve(context.getRequiredTestClass().getSimpleName() + "." + test);
        lab().keepLogs(kept);
        System.out.println("logs of the hosts: " + kept);
    }

    private static void complain(List<String> errors) {
        if (!errors.isEmpty()) {
            throw new AssertionError("a peer logged what should never happen:\n" + String.join("\n", errors));
        }
    }

    /** The ERROR lines that came since the last look and were not allowed. */
    private List<String> newErrors() {
        List<String> fresh = new ArrayList<>();
        for (String host : lab().hosts()) {
            List<String> all = Stream.of(servicesInContainers ? lab().serviceLogs(host) : lab().weaveLog(host))
                    .flatMap(log -> ERROR_LINE.matcher(log).results().map(line -> line.group()))
                    .filter(line ->
                            allowed.stream().noneMatch(p -> p.matcher(line).find()))
                    .toList();
            int seen = errorsSeen.getOrDefault(host, 0);
            errorsSeen.put(host, all.size());
            all.stream().skip(seen).map(line -> host + ": " + line).forEach(fresh::add);
        }
        return fresh;
    }
}
