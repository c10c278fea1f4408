package io.weavemesh.cluster;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** The named checks of the services in this process. Safe to use from any thread. */
public final class Health {

    private final Map<String, Supplier<Result>> checks = new ConcurrentHashMap<>();

    /** Adds a check, or replaces the one of that name. It must answer at once. */
    public void register(String name, Supplier<Result> check) {
        checks.put(name, check);
    }

    /** The present result of every check, by name. */
    public Map<String, Result> results() {
        Map<String, Result> results = new TreeMap<>();
        checks.forEach((name, check) -> results.put(name, result(check)));
        return results;
    }

    private static Result result(Supplier<Result> check) {
        try {
            return check.get();
        } catch (RuntimeException e) { // A check that cannot even look is a finding, not a reason to hide the others.
            return Result.unhealthy("the check itself failed: " + e);
        }
    }

    /** Whether every check passes. */
    public boolean healthy() {
        return results().values().stream().allMatch(Result::healthy);
    }

    /** What a check found; the text says what is wrong, or what is fine. */
    public record Result(boolean healthy, String text) {
        public static Result healthy(String text) {
            return new Result(true, text);
        }

        public static Result unhealthy(String text) {
            return new Result(false, text);
        }
    }
}
