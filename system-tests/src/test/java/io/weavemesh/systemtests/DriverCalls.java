package io.weavemesh.systemtests;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes the calls dockerd makes of a driver, on a host's plugin socket: what a container needs of us without the container.
 * Docker does not know the endpoints made so; a peer finds that out within two minutes and removes them.
 */
final class DriverCalls {

    private final Path socket;

    /**
     * What came back.
     *
     * @param status of HTTP
     */
    record Reply(int status, String body) {
        boolean ok() {
            return status == 200;
        }

        String field(String name) {
            Matcher found = Pattern.compile("\"" + name + "\":\"([^\"]*)\"").matcher(body);
            if (!found.find()) {
                throw new AssertionError("no field " + name + " in " + this);
            }
            return found.group(1);
        }
    }

    /**
     * An endpoint made by calls.
     *
     * @param address with prefix length
     */
    record Made(String network, String endpoint, String address) {}

    DriverCalls(Lab lab, String host) {
        this.socket = lab.inside(host, "/run/docker/plugins/weavemesh.sock");
    }

    /** The pool of a subnet. */
    String pool(String subnet) {
        return required(
                        "IpamDriver.RequestPool",
                        "{\"AddressSpace\":\"weave\",\"Pool\":\"" + subnet
                                + "\",\"SubPool\":\"\",\"Options\":{},\"V6\":false}")
                .field("PoolID");
    }

    Optional<Reply> requestAddress(String pool) {
        return call("IpamDriver.RequestAddress", "{\"PoolID\":\"" + pool + "\",\"Address\":\"\",\"Options\":null}");
    }

    Optional<Reply> releaseAddress(String pool, String address) {
        return call(
                "IpamDriver.ReleaseAddress",
                "{\"PoolID\":\"" + pool + "\",\"Address\":\"" + address.replaceAll("/.*", "") + "\"}");
    }

    static String newEndpoint() {
        return (UUID.randomUUID().toString() + UUID.randomUUID()).replace("-", "");
    }

    Optional<Reply> createEndpoint(Made endpoint) {
        return call(
                "NetworkDriver.CreateEndpoint",
                "{\"NetworkID\":\"" + endpoint.network() + "\",\"EndpointID\":\"" + endpoint.endpoint()
                        + "\",\"Interface\":{\"Address\":\"" + endpoint.address()
                        + "\",\"AddressIPv6\":\"\",\"MacAddress\":\"\"},\"Options\":{}}");
    }

    Optional<Reply> deleteEndpoint(Made endpoint) {
        return call(
                "NetworkDriver.DeleteEndpoint",
                "{\"NetworkID\":\"" + endpoint.network() + "\",\"EndpointID\":\"" + endpoint.endpoint() + "\"}");
    }

    /** All that Docker asks for before a container starts. */
    Made make(String network, String pool) {
        String address = required(requestAddress(pool)).field("Address");
        Made made = new Made(network, newEndpoint(), address);
        required(createEndpoint(made));
        return made;
    }

    /** All that Docker asks for when a container is gone. */
    void unmake(Made made, String pool) {
        required(deleteEndpoint(made));
        required(releaseAddress(pool, made.address()));
    }

    private Reply required(String method, String body) {
        return required(call(method, body));
    }

    static Reply required(Optional<Reply> reply) {
        if (reply.isEmpty() || !reply.get().ok()) {
            throw new AssertionError("a driver call failed: " + reply);
        }
        return reply.get();
    }

    /** Nothing if the peer went away without an answer. */
    Optional<Reply> call(String method, String body) {
        byte[] content = body.getBytes(StandardCharsets.UTF_8);
        String head = "POST /" + method + " HTTP/1.1\r\nHost: plugin\r\nConnection: close\r\nContent-Length: "
                + content.length + "\r\n\r\n";
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            ByteArrayOutputStream request = new ByteArrayOutputStream();
            request.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
            request.writeBytes(content);
            ByteBuffer out = ByteBuffer.wrap(request.toByteArray());
            while (out.hasRemaining()) {
                channel.write(out);
            }
            return parse(readAll(channel));
        } catch (java.net.SocketException e) {
            return Optional.empty(); // The peer was killed.
        } catch (IOException e) {
            if (String.valueOf(e.getMessage()).matches("Broken pipe|Connection reset.*")) {
                return Optional.empty();
            }
            throw new UncheckedIOException(method + " on " + socket, e);
        }
    }

    private static String readAll(SocketChannel channel) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer in = ByteBuffer.allocate(8_192);
        while (channel.read(in) >= 0) {
            all.write(in.array(), 0, in.position());
            in.clear();
        }
        return all.toString(StandardCharsets.UTF_8);
    }

    private static Optional<Reply> parse(String answer) {
        int end = answer.indexOf("\r\n\r\n");
        if (end < 0) {
            return Optional.empty();
        }
        return Optional.of(new Reply(Integer.parseInt(answer.split(" ", 3)[1]), answer.substring(end + 4)));
    }
}
