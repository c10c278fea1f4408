package io.weavemesh.contract;

import java.util.Locale;

/** The four services of a peer. */
public enum Service {
    ROUTER(0),
    IPAM(10),
    DNS(20),
    PLUGIN(30);

    private final int portOffset;

    Service(int portOffset) {
        this.portOffset = portOffset;
    }

    /** What is added to the peer's base ports when the service runs in a container of its own. */
    public int portOffset() {
        return portOffset;
    }

    /** The service's name in addresses, logs and metrics: {@code router}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
