package io.weavemesh.dns;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ResolvConfTest {

    @Test
    void theNameServersAreReadInOrderAndTheRestIsLeftOut() {
        assertThat(ResolvConf.parse("""
                # made by hand
                search example.com
                nameserver 192.0.2.53
                nameserver\t2001:db8::53   # comment
                  nameserver 127.0.0.53
                nameserver [192.0.2.54]:5353
                nameserver [2001:db8::1]:54
                nameserver fe80::1%eth0
                nameserver nonsense
                nameserver [192.0.2.55]:0
                nameserver
                ; nameserver 192.0.2.99
                options edns0
                """))
                .extracting(ResolvConf.NameServer::toString)
                .containsExactly(
                        "192.0.2.53:53", "[2001:db8::53]:53", "127.0.0.53:53", "192.0.2.54:5353", "[2001:db8::1]:54");
    }

    @Test
    void theLastSearchListCounts() {
        assertThat(ResolvConf.searchDomains(
                        "domain example.org\nsearch  a.example  b.example\nnameserver 192.0.2.53\n"))
                .containsExactly("a.example", "b.example");
        assertThat(ResolvConf.searchDomains("search a.example\ndomain example.org\n"))
                .containsExactly("example.org");
        assertThat(ResolvConf.searchDomains("nameserver 192.0.2.53\nsearch\n")).isEmpty();
    }

    @Test
    void anEmptyFileNamesNobody() {
        assertThat(ResolvConf.parse("")).isEmpty();
    }
}
