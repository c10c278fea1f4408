package io.weavemesh.contract;

/** The request was carried out, or had been already; there is nothing more to say. */
public record Done() implements Reply {}
