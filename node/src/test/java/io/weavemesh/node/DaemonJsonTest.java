package io.weavemesh.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Somebody's file, in which one thing changes. */
class DaemonJsonTest {

    private static final String WRITTEN_BY_HAND = """
            {
              "log-driver": "journald",
              "default-address-pools": [ {"base":"10.9.0.0/16", "size":24} ],
              "labels": ["a}b", "c\\"d,"] , "debug"  : true
            }
            """;

    @Test
    void aMemberIsAddedBehindTheLastAndTheRestStaysAsItIs() {
        assertThat(DaemonJson.parse("""
                {
                  "debug": true,
                  "labels": ["a}b", "c\\"d,"]
                }
                """).with("dns", "[\"192.0.2.1\"]").text()).isEqualTo("""
                {
                  "debug": true,
                  "labels": ["a}b", "c\\"d,"],
                  "dns": ["192.0.2.1"]
                }
                """);
        assertThat(DaemonJson.parse("{\"debug\":true}").with("dns", "[]").text())
                .isEqualTo("{\"debug\":true, \"dns\": []}");
    }

    @Test
    void aMemberThatIsThereChangesWhereItIs() {
        assertThat(DaemonJson.parse(WRITTEN_BY_HAND).with("labels", "[]").text())
                .isEqualTo(WRITTEN_BY_HAND.replace("[\"a}b\", \"c\\\"d,\"]", "[]"));
        assertThat(DaemonJson.parse(WRITTEN_BY_HAND).value("debug")).contains("true");
        assertThat(DaemonJson.parse(WRITTEN_BY_HAND).value("default-address-pools"))
                .contains("[ {\"base\":\"10.9.0.0/16\", \"size\":24} ]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                WRITTEN_BY_HAND,
                "{}",
                "{}\n",
                "{\"debug\":true}",
                "\t{ \"a\" : {\"dns\": [1, {}]}, \"b\": null }\r\n",
                "{\n    \"a\": 1,\n    \"b\": \"{\"\n}",
            })
    void whatIsAddedLeavesNoTraceWhenItIsTakenOut(String text) {
        DaemonJson json = DaemonJson.parse(text);
        DaemonJson changed = json.with("dns", "[\"192.0.2.1\"]").with("dns-search", "[\"weave.local\"]");
        assertThat(changed.value("dns")).contains("[\"192.0.2.1\"]");
        assertThat(changed.value("dns-search")).contains("[\"weave.local\"]");
        assertThat(changed.without("dns").without("dns-search").text()).isEqualTo(text);
        assertThat(changed.without("dns-search").without("dns").text()).isEqualTo(text);
        assertThat(json.without("dns").text()).isEqualTo(text);
    }

    @Test
    void theFirstOfSeveralMembersGoes() {
        assertThat(DaemonJson.parse("{\n  \"dns\": [],\n  \"debug\": true\n}\n")
                        .without("dns")
                        .text())
                .isEqualTo("{\n  \"debug\": true\n}\n");
    }

    @Test
    void aBlankFileIsAnObjectWithoutMembers() {
        assertThat(DaemonJson.parse(" \n").isEmpty()).isTrue();
        assertThat(DaemonJson.parse("").with("dns", "[]").text()).isEqualTo("{\n    \"dns\": []\n}\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "{", "{\"a\": }", "{\"a\" 1}", "nonsense", "{\"a\": 1,}", "{} {"})
    void whatIsNoObjectIsRefused(String text) {
        assertThatThrownBy(() -> DaemonJson.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("it is not a JSON object");
    }
}
