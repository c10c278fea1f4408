package io.weavemesh.router.edge;

import io.vertx.core.Future;
import io.weavemesh.cluster.Membership;
import io.weavemesh.contract.Done;
import io.weavemesh.contract.Failure;
import io.weavemesh.contract.FailureException;
import io.weavemesh.contract.RouterRequest;
import io.weavemesh.router.PeerTarget;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The list of peers to search for: checked, told to the membership, and kept. */
final class Targets {

    private final Membership membership;
    private final Journal journal;

    Targets(Membership membership, Journal journal) {
        this.membership = membership;
        this.journal = journal;
    }

    /** Adds the targets that can be understood, and fails if there is one that cannot. */
    Future<Done> connect(RouterRequest.Connect request) {
        List<String> good = new ArrayList<>();
        List<String> complaints = new ArrayList<>();
        for (String target : request.targets()) {
            try {
                PeerTarget.parse(target);
                good.add(target);
            } catch (IllegalArgumentException e) {
                complaints.add(String.valueOf(e.getMessage()));
            }
        }
        Set<String> all = new LinkedHashSet<>(request.replace() ? List.of() : membership.targets());
        all.addAll(good);
        if (request.replace() && complaints.isEmpty()) {
            membership.replace(good);
        } else {
            membership.connect(good);
        }
        return journal.saveTargets(all)
                .compose(_ -> complaints.isEmpty()
                        ? Future.succeededFuture(new Done())
                        : Future.failedFuture(
                                new FailureException(Failure.Code.INVALID, String.join("\n", complaints))));
    }

    Future<Done> forget(RouterRequest.Forget request) {
        Set<String> all = new LinkedHashSet<>(membership.targets());
        request.targets().forEach(all::remove);
        membership.forget(request.targets());
        return journal.saveTargets(all).map(new Done());
    }
}
