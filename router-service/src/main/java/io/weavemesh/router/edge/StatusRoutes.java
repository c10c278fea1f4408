package io.weavemesh.router.edge;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.weavemesh.cluster.Health;
import io.weavemesh.cluster.HealthEndpoint;
import io.weavemesh.contract.DnsReply.Name;
import io.weavemesh.contract.RouterReply.RouterStatus;
import io.weavemesh.router.MetricsText;
import io.weavemesh.router.MetricsText.Traffic;
import io.weavemesh.router.ReportTemplate;
import io.weavemesh.router.ReportText;
import io.weavemesh.router.Segment;
import io.weavemesh.router.ServiceAnswer;
import io.weavemesh.router.StatusJson;
import io.weavemesh.router.StatusText;
import io.weavemesh.router.StatusView;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/** The pages that change nothing. A service that is down is shown as such and fails no page. */
final class StatusRoutes {

    private final Health health;
    private final LocalServices services;
    private final RouterFacts router;

    StatusRoutes(Health health, LocalServices services, RouterFacts router) {
        this.health = health;
        this.services = services;
        this.router = router;
    }

    void addTo(Router routes) {
        routes.get("/status").handler(this::summary);
        routes.get("/status/peers").handler(page(StatusText::peers, StatusJson::peers));
        routes.get("/status/connections")
                .handler(page(status -> StatusText.connections(status, router.notes()), StatusJson::connections));
        routes.get("/status/targets").handler(page(StatusText::targets, StatusJson::targets));
        routes.get("/status/dns").handler(this::dns);
        routes.get("/status/ipam").handler(this::ipam);
        routes.get("/report").handler(this::report);
        routes.get("/ps").handler(this::containers);
        routes.get("/health").handler(this::health);
        routes.get("/metrics").handler(this::metrics);
    }

    private void summary(RoutingContext context) {
        services.view(router)
                .onSuccess(view -> {
                    int code = view.ready() ? 200 : 503;
                    if (wantsJson(context)) {
                        Answers.json(context, code, StatusJson.summary(view, router.notes()));
                    } else {
                        Answers.text(context, code, StatusText.summary(view, router.notes()));
                    }
                })
                .onFailure(context::fail);
    }

    private Handler<RoutingContext> page(Function<RouterStatus, String> text, Function<RouterStatus, String> json) {
        return context -> {
            if (wantsJson(context)) {
                Answers.json(context, 200, json.apply(router.status()));
            } else {
                Answers.text(context, 200, text.apply(router.status()));
            }
        };
    }

    private void dns(RoutingContext context) {
        Future<List<Name>> names = services.names();
        services.dnsStatus()
                .compose(status -> names.map(
                        rows -> new Page<>(status, known -> StatusText.dns(known, rows), _ -> StatusJson.names(rows))))
                .onSuccess(page -> page.answer(context))
                .onFailure(context::fail);
    }

    private void ipam(RoutingContext context) {
        services.ipamStatus()
                .map(status -> new Page<>(
                        status,
                        known -> StatusText.ipam(known, router.status()),
                        known -> StatusJson.ipam(known, router.status())))
                .onSuccess(page -> page.answer(context))
                .onFailure(context::fail);
    }

    private void containers(RoutingContext context) {
        services.pluginStatus()
                .map(status -> new Page<>(
                        status,
                        known -> StatusText.containers(router.status(), router.exposures(), known),
                        known -> StatusJson.containers(router.status(), router.exposures(), known)))
                .onSuccess(page -> page.answer(context))
                .onFailure(context::fail);
    }

    /** What one service answered, in two forms; a service that is down fails no page. */
    private record Page<T>(ServiceAnswer<T> answer, Function<T, String> text, Function<T, String> json) {
        void answer(RoutingContext context) {
            boolean wantsJson = wantsJson(context);
            switch (answer) {
                case ServiceAnswer.Up<T>(T status) when wantsJson -> Answers.json(context, 200, json.apply(status));
                case ServiceAnswer.Up<T>(T status) -> Answers.text(context, 200, text.apply(status));
                case ServiceAnswer.Down<T>(String reason)
                when wantsJson -> Answers.json(context, 200, StatusJson.unavailable(reason));
                case ServiceAnswer.Down<T>(String reason) ->
                    Answers.text(context, 200, "not available: " + reason + "\n");
            }
        }
    }

    static boolean wantsJson(RoutingContext context) {
        return String.valueOf(context.request().getHeader("Accept")).contains("application/json");
    }

    private void report(RoutingContext context) {
        List<String> formats = context.request().params().getAll("format");
        boolean json = wantsJson(context);
        if (formats.size() > 1 || formats.isEmpty() && !json) {
            Answers.text(
                    context,
                    400,
                    "ask for the report with the header Accept: application/json, or with one parameter format\n");
            return;
        }
        Optional<ReportTemplate> template = formats.stream().findFirst().map(ReportTemplate::parse);
        Future<List<Name>> names = services.names();
        services.view(router)
                .compose(view -> names.map(
                        rows -> ReportText.of(view, router.notes(), rows, router.segments(), router.endpoints())))
                .onSuccess(report -> template.ifPresentOrElse(
                        wanted -> fill(context, wanted, report),
                        () -> Answers.json(context, 200, ReportText.of(report))))
                .onFailure(context::fail);
    }

    private static void fill(RoutingContext context, ReportTemplate template, Map<String, Object> report) {
        try {
            Answers.text(context, 200, template.apply(report));
        } catch (IllegalStateException e) {
            Answers.text(context, 500, e.getMessage() + "\n");
        }
    }

    private void health(RoutingContext context) {
        Answers.json(context, health.healthy() ? 200 : 503, HealthEndpoint.json(health));
    }

    private void metrics(RoutingContext context) {
        Future<List<Name>> names = services.names();
        List<Segment> segments = router.segments();
        Future<List<Traffic>> traffic = context.vertx()
                .executeBlocking(() -> TunnelCounters.read(segments), false)
                .map(Objects::requireNonNull);
        Future<StatusView> view = services.view(router);
        Future.all(names, traffic, view)
                .map(_ -> MetricsText.of(
                                view.result(), names.result(), router.counters(), traffic.result(), router.notes())
                        + services.measured())
                .onSuccess(text -> context.response()
                        .putHeader("Content-Type", HealthEndpoint.METRICS_TYPE)
                        .end(text))
                .onFailure(context::fail);
    }
}
