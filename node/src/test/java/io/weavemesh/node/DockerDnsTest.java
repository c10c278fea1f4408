package io.weavemesh.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weavemesh.node.DockerDns.Note;
import io.weavemesh.node.DockerDns.Plan;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What {@code setup-dns} makes of a daemon.json. */
class DockerDnsTest {

    private static final Note NOTHING = Note.none("daemon.json", false);

    private static Plan install(String json, Note note, boolean merge, String... others) {
        return DockerDns.install(
                DaemonJson.parse(json),
                note,
                "172.17.0.1",
                "weave.local",
                List.of(others),
                List.of("example.com"),
                merge);
    }

    @Test
    void ourServerComesFirstAndTheHostsResolversAfterIt() {
        Plan plan = install("{}", NOTHING, false, "192.0.2.1", "192.0.2.2", "192.0.2.3");
        assertThat(plan.json().text()).isEqualTo("""
                {
                    "dns": ["172.17.0.1", "192.0.2.1", "192.0.2.2"],
                    "dns-search": ["weave.local", "example.com"]
                }""");
        assertThat(DockerDns.remove(plan.json(), plan.note()).json().text()).isEqualTo("{}");
    }

    @Test
    void doneTwiceIsDoneOnce() {
        Plan once = install("{\"debug\": true}", NOTHING, false, "192.0.2.1");
        Plan twice = install(once.json().text(), once.note(), false, "192.0.2.1");
        assertThat(twice.json().text()).isEqualTo(once.json().text());
        assertThat(twice.note()).isEqualTo(once.note());
    }

    @Test
    void otherResolversOfTheHostAreTakenOver() {
        Plan once = install("{}", NOTHING, false, "192.0.2.1");
        Plan again = install(once.json().text(), once.note(), false, "192.0.2.9");
        assertThat(again.json().value("dns")).contains("[\"172.17.0.1\", \"192.0.2.9\"]");
    }

    @Test
    void whatSomebodyElseSetIsNotTouchedUnaskedAndComesBack() {
        String theirs = "{\"dns\": [\"192.0.2.7\"], \"debug\": true}";
        assertThatThrownBy(() -> install(theirs, NOTHING, false, "192.0.2.1"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("daemon.json sets \"dns\": [\"192.0.2.7\"] already")
                .hasMessageContaining("--merge");
        Plan merged = install(theirs, NOTHING, true, "192.0.2.1");
        assertThat(merged.json().text())
                .isEqualTo("{\"dns\": [\"172.17.0.1\", \"192.0.2.7\"], \"debug\": true,"
                        + " \"dns-search\": [\"weave.local\", \"example.com\"]}");
        Plan again = install(merged.json().text(), merged.note(), false, "192.0.2.1");
        assertThat(again.json().text()).isEqualTo(merged.json().text());
        assertThat(again.note()).isEqualTo(merged.note());
        assertThat(DockerDns.remove(again.json(), again.note()).json().text()).isEqualTo(theirs);
    }

    @Test
    void whatSomebodyChangedSinceIsLeftAloneAndSaid() {
        Plan once = install("{}", NOTHING, false, "192.0.2.1");
        DaemonJson changed = once.json().with("dns", "[\"192.0.2.8\"]");
        assertThatThrownBy(() -> install(changed.text(), once.note(), false)).isInstanceOf(UserError.class);
        Plan removed = DockerDns.remove(changed, once.note());
        assertThat(removed.kept()).containsExactly("dns");
        assertThat(removed.json().text()).isEqualTo("{\n    \"dns\": [\"192.0.2.8\"]\n}");
    }

    @Test
    void whatSomebodyTookOutStaysOut() {
        Plan once = install("{}", NOTHING, false, "192.0.2.1");
        Plan removed = DockerDns.remove(once.json().without("dns"), once.note());
        assertThat(removed.json().text()).isEqualTo("{}");
        assertThat(removed.kept()).isEmpty();
    }

    @Test
    void aSettingThatIsNoListIsNamed() {
        assertThatThrownBy(() -> install("{\"dns\": \"192.0.2.7\"}", NOTHING, true))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("\"dns\" is \"192.0.2.7\" (expected a list of strings");
    }

    @Test
    void aNoteIsReadAsItWasWritten() {
        Note note = new Note(
                "/etc/docker/daemon.json",
                true,
                Map.of("dns", List.of("172.17.0.1")),
                Map.of("dns", "[ \"192.0.2.7\" ]"));
        assertThat(Note.parse(note.toJson())).isEqualTo(note);
        assertThatThrownBy(() -> Note.parse("{}")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Note.parse("x")).isInstanceOf(IllegalArgumentException.class);
    }
}
