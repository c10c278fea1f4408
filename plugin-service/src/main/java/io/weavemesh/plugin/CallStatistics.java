package io.weavemesh.plugin;

import io.weavemesh.contract.PluginReply.CallStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How often each driver method was called and how long its answers took. Durations are kept in buckets that are an eighth
 * of a power of two wide, so quantiles are right to about 10 % whatever the range, in 4 KB a method.
 */
public final class CallStatistics {

    private static final int SUB_BUCKETS = 8;
    private static final int BUCKETS = 64 * SUB_BUCKETS;

    private final Map<String, Method> methods = new TreeMap<>();

    private static final class Method {
        private final long[] buckets = new long[BUCKETS];
        private long calls;
        private long failures;
        private long totalMicros;
    }

    /** Counts a call that took this long. */
    public void record(String name, long micros, boolean failed) {
        Method method = methods.computeIfAbsent(name, key -> new Method());
        method.calls++;
        method.failures += failed ? 1 : 0;
        method.totalMicros += micros;
        method.buckets[bucket(micros)]++;
    }

    /** All methods called so far, by name. */
    public List<CallStatus> status() {
        List<CallStatus> all = new ArrayList<>();
        methods.forEach((name, method) -> all.add(new CallStatus(
                name,
                method.calls,
                method.failures,
                quantile(method, 0.5),
                quantile(method, 0.99),
                method.totalMicros)));
        return all;
    }

    static int bucket(long micros) {
        if (micros < SUB_BUCKETS) {
            return (int) Math.max(0, micros);
        }
        int exponent = 63 - Long.numberOfLeadingZeros(micros);
        int sub = (int) (micros >>> (exponent - 3)) & (SUB_BUCKETS - 1);
        return (exponent - 2) * SUB_BUCKETS + sub;
    }

    /** The largest duration that falls into the bucket. */
    static long upperBound(int bucket) {
        if (bucket < SUB_BUCKETS) {
            return bucket;
        }
        int exponent = bucket / SUB_BUCKETS + 2;
        long step = 1L << (exponent - 3);
        return (SUB_BUCKETS + bucket % SUB_BUCKETS + 1) * step - 1;
    }

    private static long quantile(Method method, double share) {
        long rank = (long) Math.ceil(method.calls * share);
        long seen = 0;
        for (int i = 0; i < BUCKETS; i++) {
            seen += method.buckets[i];
            if (seen >= rank) {
                return upperBound(i);
            }
        }
        return 0;
    }
}
