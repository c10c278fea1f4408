package io.weavemesh.dns;

/** How a question came, which limits the answer. */
public enum Transport {
    UDP,
    TCP
}
