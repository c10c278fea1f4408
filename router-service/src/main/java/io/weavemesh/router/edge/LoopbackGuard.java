package io.weavemesh.router.edge;

import io.vertx.core.Handler;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.RoutingContext;
import io.weavemesh.contract.IpAddress;

/**
 * Keeps browsers out. A page from anywhere can make its visitor's browser send requests to 127.0.0.1: directly, and then
 * there is an Origin header, or by a name of its own that resolves to 127.0.0.1 (DNS rebinding), and then the Host header is
 * a name. Our own tools send neither.
 */
final class LoopbackGuard implements Handler<RoutingContext> {

    private static final int FORBIDDEN = 403;

    @Override
    public void handle(RoutingContext context) {
        HostAndPort authority = context.request().authority();
        boolean local = authority != null && isLocal(authority.host());
        if (!local || context.request().getHeader("Origin") != null) {
            Answers.text(context, FORBIDDEN, "this API is for programs on this host, not for web pages\n");
            return;
        }
        context.next();
    }

    /** An address or "localhost": nothing a stranger's name server can answer for. */
    private static boolean isLocal(String host) {
        if (host.equals("localhost")) {
            return true;
        }
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        try {
            IpAddress.parse(bracketed ? host.substring(1, host.length() - 1) : host);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
