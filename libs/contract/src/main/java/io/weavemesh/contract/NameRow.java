package io.weavemesh.contract;

/**
 * One name of one endpoint with one address.
 *
 * @param name the full name
 * @param address what it resolves to
 * @param container whose name it is, for people
 * @param endpoint the endpoint whose life bounds the record's
 */
public record NameRow(Fqdn name, IpAddress address, ContainerId container, EndpointId endpoint) implements TableRow {

    @Override
    public String key() {
        return name + " " + address + " " + endpoint;
    }
}
