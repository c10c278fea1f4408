package io.weavemesh.contract;

/** News for one service on every other peer. May be lost, repeated or arrive out of order. */
public sealed interface Broadcast extends Message permits IpamBroadcast, RouterBroadcast, TableBroadcast {}
