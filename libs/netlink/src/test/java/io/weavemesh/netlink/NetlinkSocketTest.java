package io.weavemesh.netlink;

import static io.weavemesh.netlink.ScriptedLibC.acknowledgement;
import static io.weavemesh.netlink.ScriptedLibC.join;
import static io.weavemesh.netlink.ScriptedLibC.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NetlinkSocketTest {

    private static final int DUMPED = 16;
    private static final int MULTI = NetlinkMessage.NLM_F_MULTI;
    private static final int INTERRUPTED = NetlinkMessage.NLM_F_DUMP_INTR;

    private final ScriptedLibC libc = new ScriptedLibC();
    private final NetlinkSocket socket = NetlinkSocket.open(libc, NetlinkSocket.NETLINK_ROUTE);

    @Test
    void a_refused_request_carries_operation_number_name_and_the_kernels_words() {
        libc.answers(sequence -> message(NetlinkMessage.NLMSG_ERROR, 0x300, sequence, """
                ef ff ff ff                                   # -17
                54 00 00 00 10 00 05 06 01 00 00 00 00 00 00 00  # the request's header; CAP_ACK left the rest out
                0e00 0100 564e49206578697374 00 0000          # NLMSGERR_ATTR_MSG "VNI exist", attributes from offset 36
                """));
        NetlinkException error =
                catchThrowableOfType(NetlinkException.class, () -> socket.execute(request("create link vxlan-weave")));
        assertThat(error).hasMessage("create link vxlan-weave: EEXIST (17): VNI exist");
        assertThat(error.operation()).isEqualTo("create link vxlan-weave");
        assertThat(error.errnoName()).isEqualTo("EEXIST");
        assertThat(error.kernelText()).contains("VNI exist");
        assertThat(error.alreadyExists()).isTrue();
    }

    @Test
    void without_the_kernels_words_the_message_says_what_the_number_means() {
        libc.answers(sequence -> acknowledgement(sequence, 1));
        assertThatThrownBy(() -> socket.execute(request("delete link weave")))
                .hasMessage("delete link weave: EPERM (1): operation not permitted (needs root or CAP_NET_ADMIN)");
    }

    @Test
    void an_answer_to_an_earlier_request_is_skipped() {
        libc.answers(sequence -> acknowledgement(sequence - 1, 1)).answers(sequence -> acknowledgement(sequence, 0));
        socket.execute(request("set link weave up"));
        assertThat(libc.isUsedUp()).isTrue();
    }

    @Test
    void a_signal_does_not_end_the_wait() {
        libc.fails(Errno.EINTR).answers(sequence -> acknowledgement(sequence, 0));
        socket.execute(request("set link weave up"));
        assertThat(libc.isUsedUp()).isTrue();
    }

    @Test
    void a_kernel_that_stays_silent_is_an_error_and_not_a_hang() {
        libc.fails(Errno.EAGAIN);
        assertThatThrownBy(() -> socket.execute(request("set link weave up")))
                .hasMessage("set link weave up: ETIMEDOUT (110): the kernel did not answer within 5 s");
    }

    @Test
    void many_requests_are_sent_two_hundred_at_a_time_with_one_acknowledgement_and_every_error_finds_its_request() {
        for (int send = 0; send < 3; send++) {
            int count = send < 2 ? 200 : 50;
            libc.answers(sequence ->
                    join(acknowledgement(sequence + 7, Errno.ENOENT), acknowledgement(sequence + count - 1, 0)));
        }
        List<Request> requests = IntStream.range(0, 450)
                .mapToObj(i -> request("remove entry " + i))
                .toList();
        List<Optional<NetlinkException>> outcomes = socket.executeAll(requests);
        assertThat(libc.messagesPerSend).containsExactly(200, 200, 50);
        assertThat(libc.answersAskedForPerSend).containsExactly(1, 1, 1);
        assertThat(outcomes).hasSize(450);
        assertThat(outcomes.stream().flatMap(Optional::stream).map(NetlinkException::operation))
                .containsExactly("remove entry 7", "remove entry 207", "remove entry 407");
    }

    @Test
    void acknowledgements_lost_in_an_overflow_are_reported_as_lost_and_the_others_as_they_are() {
        libc.answers(sequence -> acknowledgement(sequence, 0))
                .fails(Errno.ENOBUFS)
                .answers(sequence -> acknowledgement(sequence + 2, Errno.EEXIST));
        List<Optional<NetlinkException>> outcomes =
                socket.executeAll(List.of(request("a"), request("b"), request("c")));
        assertThat(outcomes.get(0)).isEmpty();
        assertThat(outcomes.get(1).orElseThrow()).hasMessage("b: ENOBUFS (105): the kernel's answer was lost");
        assertThat(outcomes.get(2).orElseThrow().alreadyExists()).isTrue();
    }

    @Test
    void a_dump_is_collected_over_many_datagrams_up_to_its_end() {
        libc.answers(sequence -> join(
                        message(DUMPED, MULTI, sequence, "01000000"), message(DUMPED, MULTI, sequence, "02000000")))
                .answers(sequence -> message(DUMPED, MULTI, sequence, "03000000"))
                .answers(sequence -> message(NetlinkMessage.NLMSG_DONE, MULTI, sequence, "00000000"));
        assertThat(socket.dump(request("list links"))).hasSize(3);
    }

    @Test
    void a_dump_that_a_change_disturbed_is_read_again() {
        libc.answers(sequence -> message(DUMPED, MULTI | INTERRUPTED, sequence, "01000000"))
                .answers(sequence -> message(NetlinkMessage.NLMSG_DONE, MULTI, sequence, "00000000"))
                .answers(sequence -> message(DUMPED, MULTI, sequence, "02000000"))
                .answers(sequence -> message(NetlinkMessage.NLMSG_DONE, MULTI, sequence, "00000000"));
        assertThat(socket.dump(request("list links")).getFirst().bytes()).startsWith(2);
        assertThat(libc.isUsedUp()).isTrue();
    }

    @Test
    void a_dump_that_is_always_disturbed_ends_in_an_error() {
        for (int i = 0; i < 10; i++) {
            libc.answers(sequence -> message(NetlinkMessage.NLMSG_DONE, MULTI | INTERRUPTED, sequence, "00000000"));
        }
        assertThatThrownBy(() -> socket.dump(request("list links")))
                .hasMessage("list links: EINTR (4): the table changed during each of 10 readings");
    }

    @Test
    void a_dump_the_kernel_breaks_off_is_an_error_and_not_a_short_list() {
        libc.answers(sequence -> message(DUMPED, MULTI, sequence, "01000000"))
                .answers(sequence -> message(NetlinkMessage.NLMSG_DONE, MULTI, sequence, "f4ffffff"));
        assertThatThrownBy(() -> socket.dump(request("list links")))
                .hasMessage("list links: ENOMEM (12): out of memory");
    }

    @Test
    void a_datagram_larger_than_the_buffer_is_an_error_and_not_cut() {
        libc.answers(sequence -> new byte[70_000]);
        assertThatThrownBy(() -> socket.dump(request("list links")))
                .hasMessage("list links: EMSGSIZE (90): a datagram has 70000 bytes, at most 65536 expected");
    }

    @Test
    void a_datagram_that_cannot_be_understood_is_an_error_of_the_request() {
        libc.answers(sequence -> Hex.bytes("ff000000 1000 0000 00000000 00000000"));
        assertThatThrownBy(() -> socket.ask(request("read link weave")))
                .isInstanceOf(NetlinkException.class)
                .hasMessageStartingWith(
                        "read link weave: EBADMSG (74): netlink datagram: a message says it has 255 bytes");
    }

    @Test
    void closing_twice_closes_once_and_later_requests_fail() {
        socket.close();
        socket.close();
        assertThat(libc.closed).isEqualTo(1);
        assertThatThrownBy(() -> socket.execute(request("set link weave up")))
                .hasMessage("set link weave up: EBADF (9): bad file descriptor (was it closed?)");
    }

    private static Request request(String operation) {
        return new Request(
                operation, MessageWriter.message(LinkMessages.RTM_NEWLINK, 5).finish());
    }
}
