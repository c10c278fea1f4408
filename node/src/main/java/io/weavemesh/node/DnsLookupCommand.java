package io.weavemesh.node;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.dns.DnsClient;
import io.vertx.core.dns.DnsClientOptions;
import io.vertx.core.dns.DnsException;
import io.vertx.core.dns.DnsResponseCode;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code weave dns-lookup name}: the addresses our DNS gives, one per line. */
@Command(name = "dns-lookup", description = "Ask our DNS for the addresses of a name.")
final class DnsLookupCommand implements Callable<Integer> {

    private static final int TIMEOUT_SECONDS = 6;

    @Mixin
    HelpOption help = new HelpOption();

    @Parameters(arity = "1", paramLabel = "NAME", description = "A name in our domain, or any other.")
    private String name = "";

    @Override
    public Integer call() throws InterruptedException {
        LogFile.toNowhere();
        ControlClient api = ControlClient.fromEnvironment(System.getenv());
        HostPort server = HostPort.parse(
                ControlClient.require(api.get("/dns-address-port")).strip());
        Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setWorkerPoolSize(1));
        try {
            DnsClient dns = vertx.createDnsClient(new DnsClientOptions()
                    .setHost(server.host())
                    .setPort(server.port())
                    .setQueryTimeout(TimeUnit.SECONDS.toMillis(TIMEOUT_SECONDS)));
            ask(dns.resolveA(name)).forEach(System.out::println);
            ask(dns.resolveAAAA(name)).forEach(System.out::println);
            return 0;
        } catch (ExecutionException | TimeoutException e) {
            throw new UserError("no answer for '" + name + "' from " + server + ": "
                    + (e.getCause() == null ? "timed out" : e.getCause().getMessage()));
        } finally {
            vertx.close();
        }
    }

    /** As with dig in its short form, a name that does not exist is no output and no error. */
    private static List<String> ask(Future<List<String>> answer)
            throws InterruptedException, ExecutionException, TimeoutException {
        return answer.recover(
                        failure -> failure instanceof DnsException refused && refused.code() == DnsResponseCode.NXDOMAIN
                                ? Future.succeededFuture(List.of())
                                : Future.failedFuture(failure))
                .toCompletionStage()
                .toCompletableFuture()
                .get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    }
}
