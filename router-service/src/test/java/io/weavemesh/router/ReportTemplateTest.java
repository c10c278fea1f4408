package io.weavemesh.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code weave report -f}: what scripts ask for, and what they are told when they ask wrongly. */
class ReportTemplateTest {

    private static final Map<String, Object> REPORT = Map.of(
            "Version",
            "1.0",
            "VersionCheck",
            Map.of("Enabled", false),
            "Router",
            Map.of(
                    "Name",
                    "2e:11:0a:9f:44:01",
                    "NickName",
                    "alpha",
                    "Peers",
                    List.of(Map.of("Name", "a"), Map.of("Name", "b")),
                    "Targets",
                    List.of("host2", "host3"),
                    "None",
                    List.of()),
            "DNS",
            Map.of("Entries", List.of(), "Address", Optional.empty()));

    @Test
    void theFormsThatWereInUse() {
        assertThat(shown("{{.Router.Name}}")).isEqualTo("2e:11:0a:9f:44:01");
        assertThat(shown("{{.Router.Name}}({{.Router.NickName}})")).isEqualTo("2e:11:0a:9f:44:01(alpha)");
        assertThat(shown("{{len .DNS.Entries}} {{len .Router.Peers}}")).isEqualTo("0 2");
        assertThat(shown("{{range .Router.Targets}}{{.}}\n{{end}}")).isEqualTo("host2\nhost3\n");
        assertThat(shown("{{range .Router.Targets}}{{.}}{{\"\\n\"}}{{end}}")).isEqualTo("host2\nhost3\n");
        assertThat(shown("{{.VersionCheck.Enabled}}")).isEqualTo("false");
        assertThat(shown("{{ .Version }}")).isEqualTo("1.0");
        assertThat(shown("{{json .Router.Targets}}")).isEqualTo("[\"host2\",\"host3\"]");
        assertThat(shown("{{json .DNS.Address}}")).isEqualTo("null");
        assertThat(shown("{{.DNS.Address}}")).isEqualTo("<nil>");
    }

    @Test
    void blocksPipelinesAndTrimming() {
        assertThat(shown("{{range .Router.Peers}}{{.Name}}@{{$.Version}} {{end}}"))
                .isEqualTo("a@1.0 b@1.0 ");
        assertThat(shown("{{range .Router.None}}x{{else}}none{{end}}")).isEqualTo("none");
        assertThat(shown("{{if .VersionCheck.Enabled}}on{{else}}off{{end}}")).isEqualTo("off");
        assertThat(shown("{{if not .VersionCheck.Enabled}}off{{end}}")).isEqualTo("off");
        assertThat(shown("{{with .Router}}{{.NickName}}{{end}}")).isEqualTo("alpha");
        assertThat(shown("{{.Router.Targets | len}}{{/* so many */}}")).isEqualTo("2");
        assertThat(shown("{{len (index .Router.Targets 1)}}")).isEqualTo("5");
        assertThat(shown("a  {{- `}}` -}}  b")).isEqualTo("a}}b");
        assertThat(shown("{{.Router.Targets}}")).isEqualTo("[host2 host3]");
        assertThat(shown("no action")).isEqualTo("no action");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{.Router.Name",
                "{{}}",
                "{{range .Router.Peers}}",
                "{{end}}",
                "{{else}}",
                "{{else if .X}}",
                "{{.Router-Name}}",
                "{{len}}",
                "{{len .A .B}}",
                "{{printf \"%s\" .A}}",
                "{{(.A}}",
                "{{\"x}}"
            })
    void whatIsNoTemplateIsSaidToBeNone(String text) {
        assertThatThrownBy(() -> ReportTemplate.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("the template has ");
    }

    @Test
    void whatTheReportDoesNotHaveIsNamedWithWhatItHas() {
        assertThatThrownBy(() -> shown("{{.Router.Nmae}}"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no field Nmae")
                .hasMessageContaining("NickName");
        assertThatThrownBy(() -> shown("{{len .VersionCheck.Enabled}}")).hasMessageContaining("false has no length");
        assertThatThrownBy(() -> shown("{{range .Version}}{{end}}")).hasMessageContaining("1.0");
        assertThatThrownBy(() -> shown("{{index .Router.Targets 2}}")).hasMessageContaining("no 2");
    }

    private static String shown(String template) {
        return ReportTemplate.parse(template).apply(REPORT);
    }
}
