package io.weavemesh.router;

import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.MacAddress;

/**
 * Who is on this bridge, here on this host, is to be told that the address has this MAC address now. Not for other peers,
 * which find out by themselves and tell their own.
 *
 * @param bridge the device it is told on
 */
public record Announcement(String bridge, IpAddress address, MacAddress mac) {}
