package io.weavemesh.router.edge;

import io.vertx.core.Future;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.weavemesh.cluster.Health;
import io.weavemesh.cluster.HealthEndpoint;
import io.weavemesh.contract.DnsReply.Name;
import io.weavemesh.router.MetricsText;
import io.weavemesh.router.ReportTemplate;
import io.weavemesh.router.ReportText;
import io.weavemesh.router.ServiceAnswer;
import io.weavemesh.router.StatusText;
import io.weavemesh.router.StatusView;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The pages that change nothing. A service that is down is shown as such and fails no page. */
final class StatusRoutes {

    private static final String METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

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
        routes.get("/status/peers").handler(context -> Answers.text(context, 200, StatusText.peers(router.status())));
        routes.get("/status/connections")
                .handler(context -> Answers.text(context, 200, StatusText.connections(router.status())));
        routes.get("/status/targets")
                .handler(context -> Answers.text(context, 200, StatusText.targets(router.status())));
        routes.get("/status/dns").handler(this::dns);
        routes.get("/status/ipam").handler(this::ipam);
        routes.get("/report").handler(this::report);
        routes.get("/ps").handler(this::containers);
        routes.get("/health").handler(this::health);
        routes.get("/metrics").handler(this::metrics);
    }

    private void summary(RoutingContext context) {
        services.view(router)
                .onSuccess(view -> Answers.text(context, view.ready() ? 200 : 503, StatusText.summary(view)))
                .onFailure(context::fail);
    }

    private void dns(RoutingContext context) {
        Future<List<Name>> names = services.names();
        services.dnsStatus()
                .compose(status -> names.map(rows -> page(status, known -> StatusText.dns(known, rows))))
                .onSuccess(text -> Answers.text(context, 200, text))
                .onFailure(context::fail);
    }

    private void ipam(RoutingContext context) {
        services.ipamStatus()
                .map(status -> page(status, known -> StatusText.ipam(known, router.status())))
                .onSuccess(text -> Answers.text(context, 200, text))
                .onFailure(context::fail);
    }

    private void containers(RoutingContext context) {
        services.pluginStatus()
                .map(status -> page(status, known -> StatusText.containers(router.status(), router.exposures(), known)))
                .onSuccess(text -> Answers.text(context, 200, text))
                .onFailure(context::fail);
    }

    private static <T> String page(ServiceAnswer<T> answer, Function<T, String> layout) {
        return switch (answer) {
            case ServiceAnswer.Up<T>(T status) -> layout.apply(status);
            case ServiceAnswer.Down<T>(String reason) -> "not available: " + reason + "\n";
        };
    }

    private void report(RoutingContext context) {
        String accept = String.valueOf(context.request().getHeader("Accept"));
        List<String> formats = context.request().params().getAll("format");
        boolean json = accept.contains("application/json");
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
                .compose(view -> names.map(rows -> ReportText.of(view, rows, router.segments(), router.endpoints())))
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
        Future<StatusView> view = services.view(router);
        view.compose(seen -> names.map(rows -> MetricsText.of(seen, rows, router.counters())))
                .onSuccess(text -> context.response()
                        .putHeader("Content-Type", METRICS_TYPE)
                        .end(text))
                .onFailure(context::fail);
    }
}
