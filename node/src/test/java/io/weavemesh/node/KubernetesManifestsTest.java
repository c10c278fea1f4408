package io.weavemesh.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.introspect.Annotated;
import tools.jackson.databind.introspect.JacksonAnnotationIntrospector;
import tools.jackson.databind.json.JsonMapper;

/**
 * The manifests of {@code k8s}, read into the types that fabric8 generates of Kubernetes' own API: a field that is misspelt or in
 * the wrong place is an error, as it is for {@code kubectl --validate=strict}. And what no schema knows: that names which are used
 * are defined.
 */
class KubernetesManifestsTest {

    private static final Path DIRECTORY = Path.of("../k8s");

    private static final Map<String, Class<? extends HasMetadata>> KINDS = Map.of(
            "apps/v1 DaemonSet", DaemonSet.class,
            "v1 ConfigMap", ConfigMap.class,
            "v1 Service", Service.class,
            "v1 ServiceAccount", ServiceAccount.class,
            "rbac.authorization.k8s.io/v1 ClusterRole", ClusterRole.class,
            "rbac.authorization.k8s.io/v1 ClusterRoleBinding", ClusterRoleBinding.class);

    /** Its types put unknown fields into a map of their own; without that they are errors. */
    private static final class Strict extends JacksonAnnotationIntrospector {
        private static final long serialVersionUID = 1L;

        @Override
        public Boolean hasAnySetter(MapperConfig<?> config, Annotated annotated) {
            return false;
        }
    }

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .annotationIntrospector(new Strict())
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    @Test
    void everyManifestIsOfAKnownKindAndHasNoFieldThatKindHasNot() throws IOException {
        assertThat(manifests())
                .hasSize(6)
                .allSatisfy(
                        manifest -> assertThat(manifest.getMetadata().getName()).startsWith("weavemesh"));
    }

    @Test
    void aMisspeltFieldWouldBeFound() throws IOException {
        String right = Files.readString(DIRECTORY.resolve("daemonset.yaml"));
        for (String wrong : List.of("hostNetworks: true", "hostnetwork: true")) {
            assertThatThrownBy(() -> parse(right.replace("hostNetwork: true", wrong)))
                    .hasMessageContaining(wrong.substring(0, 11));
        }
        assertThatThrownBy(() -> parse(right.replace("hostNetwork: true", "hostNetwork: often")))
                .hasMessageContaining("often");
        assertThatThrownBy(() -> parse(right.replace("apps/v1", "apps/v1beta1")))
                .hasMessageContaining("apps/v1beta1");
    }

    @Test
    void theKustomizationNamesEveryFile() throws IOException {
        Map<?, ?> kustomization = (Map<?, ?>)
                yaml(Files.readString(DIRECTORY.resolve("kustomization.yaml"))).getFirst();
        try (Stream<Path> files = Files.list(DIRECTORY)) {
            assertThat(files.map(file -> file.getFileName().toString())
                            .filter(name -> name.endsWith(".yaml") && !name.equals("kustomization.yaml")))
                    .containsExactlyInAnyOrderElementsOf(
                            ((List<?>) Objects.requireNonNull(kustomization.get("resources")))
                                    .stream().map(String::valueOf).toList());
        }
    }

    @Test
    void whatIsMountedSelectedAndLookedUpIsThere() throws IOException {
        DaemonSet set = only(DaemonSet.class);
        PodSpec pod = set.getSpec().getTemplate().getSpec();
        assertThat(set.getSpec().getTemplate().getMetadata().getLabels())
                .containsAllEntriesOf(set.getSpec().getSelector().getMatchLabels())
                .containsAllEntriesOf(only(Service.class).getSpec().getSelector());
        assertThat(pod.getServiceAccountName())
                .isEqualTo(only(ServiceAccount.class).getMetadata().getName());
        Set<String> volumes = pod.getVolumes().stream().map(Volume::getName).collect(Collectors.toSet());
        Set<String> keys = only(ConfigMap.class).getData().keySet();
        for (Container container : containers(pod)) {
            assertThat(container.getVolumeMounts().stream().map(VolumeMount::getName))
                    .as("volumes of %s", container.getName())
                    .isSubsetOf(volumes);
            assertThat(container.getEnv().stream()
                            .filter(variable -> variable.getValueFrom() != null
                                    && variable.getValueFrom().getConfigMapKeyRef() != null)
                            .map(variable ->
                                    variable.getValueFrom().getConfigMapKeyRef().getKey()))
                    .as("configuration of %s", container.getName())
                    .isSubsetOf(keys);
        }
    }

    @Test
    void nobodyHasMorePrivilegesThanItNeeds() throws IOException {
        for (Container container :
                containers(only(DaemonSet.class).getSpec().getTemplate().getSpec())) {
            var context = container.getSecurityContext();
            assertThat(context.getPrivileged()).as(container.getName()).isNull();
            assertThat(context.getReadOnlyRootFilesystem())
                    .as(container.getName())
                    .isTrue();
            assertThat(context.getCapabilities().getDrop())
                    .as(container.getName())
                    .containsExactly("ALL");
            List<String> added = context.getCapabilities().getAdd();
            // Kubernetes refuses the two together (validation of the pod's securityContext).
            if (added.contains("SYS_ADMIN")) {
                assertThat(container.getName()).isEqualTo("router");
                assertThat(added).containsExactly("NET_ADMIN", "NET_RAW", "SYS_ADMIN");
                assertThat(context.getAllowPrivilegeEscalation()).isNull();
            } else {
                assertThat(context.getAllowPrivilegeEscalation())
                        .as(container.getName())
                        .isFalse();
            }
        }
    }

    @Test
    void thePluginIsTheFirstOfItsList() throws IOException {
        JsonObject list = new JsonObject(only(ConfigMap.class).getData().get("10-weave.conflist"));
        assertThat(list.getJsonArray("plugins").getJsonObject(0).getString("type"))
                .isEqualTo("weave-net");
    }

    @Test
    void theNodesOfAClusterAreItsPeers() {
        JsonObject nodes = new JsonObject("""
                {"kind": "NodeList", "items": [
                  {"status": {"addresses": [{"type": "Hostname", "address": "n1"}, {"type": "InternalIP", "address": "192.0.2.1"},
                    {"type": "InternalIP", "address": "2001:db8::1"}]}},
                  {"status": {}},
                  {"status": {"addresses": [{"type": "InternalIP", "address": "192.0.2.2"}]}}]}""");
        assertThat(KubePeersCommand.addresses(nodes)).containsExactly("192.0.2.1", "192.0.2.2");
        assertThat(KubePeersCommand.api(
                        Map.of("KUBERNETES_SERVICE_HOST", "2001:db8::1", "KUBERNETES_SERVICE_PORT", "6443")))
                .isEqualTo("https://[2001:db8::1]:6443");
        assertThatThrownBy(() -> KubePeersCommand.api(Map.of())).hasMessageContaining("pods of a Kubernetes cluster");
    }

    private static List<Container> containers(PodSpec pod) {
        return Stream.concat(pod.getInitContainers().stream(), pod.getContainers().stream())
                .toList();
    }

    private static <T extends HasMetadata> T only(Class<T> kind) throws IOException {
        List<T> found =
                manifests().stream().filter(kind::isInstance).map(kind::cast).toList();
        assertThat(found).hasSize(1);
        return found.getFirst();
    }

    private static List<HasMetadata> manifests() throws IOException {
        List<HasMetadata> all = new ArrayList<>();
        for (String file : List.of("rbac.yaml", "configmap.yaml", "service.yaml", "daemonset.yaml")) {
            all.addAll(parse(Files.readString(DIRECTORY.resolve(file))));
        }
        return all;
    }

    private static List<HasMetadata> parse(String text) {
        List<HasMetadata> parsed = new ArrayList<>();
        for (Object document : yaml(text)) {
            Map<?, ?> fields = (Map<?, ?>) document;
            String kind = fields.get("apiVersion") + " " + fields.get("kind");
            Class<? extends HasMetadata> type = KINDS.get(kind);
            if (type == null) {
                throw new IllegalArgumentException(
                        "a manifest is of the kind " + kind + ", expected one of " + KINDS.keySet());
            }
            parsed.add(MAPPER.convertValue(document, type));
        }
        return parsed;
    }

    private static List<Object> yaml(String text) {
        List<Object> documents = new ArrayList<>();
        new Load(LoadSettings.builder().build()).loadAllFromString(text).forEach(documents::add);
        return documents;
    }
}
