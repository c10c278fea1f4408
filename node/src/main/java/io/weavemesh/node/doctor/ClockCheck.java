package io.weavemesh.node.doctor;

import java.util.List;
import java.util.Optional;

/** Whether the clock is kept right. No address or name depends on it; comparing the logs of two hosts does. */
record ClockCheck() implements Check {

    private static final String SUBJECT = "clock";

    @Override
    public List<Finding> look(Host host, Optional<PeerReport> peer) {
        Host.Output status = host.run("timedatectl", "show", "--property=NTPSynchronized", "--value");
        if (!status.ok()) {
            return List.of(Finding.note(SUBJECT, "it cannot be told whether it is synchronised", ""));
        }
        return List.of(
                status.out().strip().equals("yes")
                        ? Finding.ok(SUBJECT, "synchronised")
                        : Finding.note(
                                SUBJECT,
                                "not synchronised: logs of several hosts will not fit together",
                                "timedatectl set-ntp true"));
    }
}
