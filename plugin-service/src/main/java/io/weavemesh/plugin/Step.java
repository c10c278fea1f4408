package io.weavemesh.plugin;

import io.weavemesh.contract.Failure;
import io.weavemesh.contract.Reply;
import io.weavemesh.contract.Request;
import io.weavemesh.contract.Service;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What is to be done next for a driver call: answer it, or first ask a service or write the journal. A call is a chain of
 * steps that ends with an answer or a refusal; the edge carries it out under one deadline.
 */
public sealed interface Step {

    /** The call succeeded; this is the JSON object Docker gets. */
    record Answer(Map<String, Object> body) implements Step {
        static final Answer EMPTY = new Answer(Map.of());
    }

    /** The call failed; Docker shows the text to its user. */
    record Refuse(Failure failure) implements Step {}

    /** Docker is to be told that we do not implement the call, which it forgives for some. */
    record NotImplemented() implements Step {}

    /** Ask a service of this host, then go on with its reply. A failure of it ends the call. */
    record Ask<R extends Reply>(Service service, Request<R> request, Function<R, Step> then) implements Step {}

    /** Tell a service of this host and go on at once; what becomes of it is only logged. */
    record Tell(Service service, Request<?> request, Supplier<Step> then) implements Step {}

    /** Make a network durable, or have an endpoint outlast this process, then go on. */
    record Write(String map, String key, Object value, Supplier<Step> then) implements Step {}

    /** Forget a network or endpoint as durably, then go on. */
    record Erase(String map, String key, Supplier<Step> then) implements Step {}

    static Refuse invalid(String text) {
        return new Refuse(new Failure(Failure.Code.INVALID, text));
    }

    static Refuse notFound(String text) {
        return new Refuse(new Failure(Failure.Code.NOT_FOUND, text));
    }
}
