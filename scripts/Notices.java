import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code Notices BOM TREE}: whose work is in a distribution. Reads the bill of materials that Maven made (CycloneDX, with the
 * texts of the licences) and the jars in {@code TREE/lib}, and writes
 *
 * <ul>
 *   <li>{@code THIRD-PARTY.txt}: each library with its version, licence and home,
 *   <li>{@code licences/}: the text of each licence, and what the jars have to say themselves,
 *   <li>{@code sbom.cdx.json}: the bill without the texts, with the Java runtime in it.
 * </ul>
 *
 * It fails where a jar is not on the bill, something on the bill is not there, or a library has no licence. The same input
 * gives the same files. Run by scripts/dist on the class path of the tree.
 */
final class Notices {

    private static final String OURS = "io.weavemesh";

    /** A jar's own notices, at its top or in META-INF. */
    private static final Pattern NOTICE =
            Pattern.compile("(META-INF/)?(LICEN[CS]E|NOTICE|COPYING)[^/]*", Pattern.CASE_INSENSITIVE);

    /** What licences are called that the bill does not know by their SPDX identifier. */
    private static final Map<String, String> SPDX = Map.of("EPL 1.0", "EPL-1.0");

    private final Path tree;
    private final Path licences;
    private final Map<String, String> texts = new TreeMap<>();
    private final List<String> lines = new ArrayList<>();

    private Notices(Path tree) throws IOException {
        this.tree = tree;
        this.licences = Files.createDirectories(tree.resolve("licences"));
    }

    public static void main(String[] arguments) throws IOException {
        new Notices(Path.of(arguments[1])).write(Path.of(arguments[0]));
    }

    private void write(Path file) throws IOException {
        JsonMapper mapper =
                JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
        ObjectNode bill = (ObjectNode) mapper.readTree(file.toFile());
        ArrayNode components = (ArrayNode) bill.get("components");
        Set<String> jars = jars();
        jars.remove(jar((ObjectNode) bill.get("metadata").get("component")));
        for (JsonNode component : components) {
            add((ObjectNode) component, jars);
        }
        if (!jars.isEmpty()) {
            throw new IllegalStateException("not in " + file + ", but in lib: " + jars + " (build anew from an empty lib)");
        }
        components.add(runtime(mapper));
        lines.sort(String.CASE_INSENSITIVE_ORDER);
        Files.writeString(tree.resolve("THIRD-PARTY.txt"), header() + String.join("\n", lines) + "\n");
        for (Map.Entry<String, String> text : texts.entrySet()) {
            Files.writeString(licences.resolve(text.getKey() + ".txt"), text.getValue());
        }
        // The same for the same content (RFC 9562, version 3); the plugin's is of the group, name and version only.
        bill.put("serialNumber", "urn:uuid:" + UUID.nameUUIDFromBytes(mapper.writeValueAsBytes(components)));
        Files.writeString(tree.resolve("sbom.cdx.json"), mapper.writeValueAsString(bill) + "\n");
    }

    private static String header() {
        return """
                weavemesh contains the following works of others, unchanged, as files of their own in lib/ and runtime/.
                The texts of the licences are in licences/ and runtime/legal/; sbom.cdx.json has the files' checksums.
                Where there are several licences any one of them may be chosen.

                """;
    }

    private Set<String> jars() throws IOException {
        try (var files = Files.list(tree.resolve("lib"))) {
            return new TreeSet<>(files.map(path -> path.getFileName().toString()).toList());
        }
    }

    private static String jar(ObjectNode component) {
        return component.get("name").asString() + "-" + component.get("version").asString() + ".jar";
    }

    private void add(ObjectNode component, Set<String> jars) throws IOException {
        String jar = jar(component);
        if (!jars.remove(jar)) {
            throw new IllegalStateException("on the bill of materials, but not in lib: " + jar);
        }
        if (component.get("group").asString().equals(OURS)) {
            return;
        }
        String label = component.get("name").asString() + " " + component.get("version").asString();
        Set<String> names = new TreeSet<>();
        for (JsonNode entry : component.path("licenses")) {
            names.add(licence((ObjectNode) entry.get("license")));
        }
        if (names.isEmpty()) {
            throw new IllegalStateException(label + ": its POM names no licence; find out, and say so here");
        }
        lines.add(label + "  " + String.join(" or ", names) + "  " + home(component));
        copyNotices(jar);
    }

    /** Its name; takes its text out of the bill. */
    private String licence(ObjectNode licence) {
        String name = licence.path("id").asString("");
        if (name.isEmpty()) {
            String given = licence.path("name").asString("");
            name = SPDX.getOrDefault(given, given);
        }
        JsonNode text = licence.remove("text");
        if (text != null) {
            String content = text.path("content").asString("");
            boolean encoded = text.path("encoding").asString("").equals("base64");
            texts.put(
                    name,
                    encoded ? new String(Base64.getMimeDecoder().decode(content), StandardCharsets.UTF_8) : content);
        }
        return name;
    }

    private static String home(ObjectNode component) {
        for (JsonNode reference : component.path("externalReferences")) {
            if (reference.path("type").asString("").equals("website")) {
                return reference.get("url").asString();
            }
        }
        return component.get("purl").asString();
    }

    private void copyNotices(String jar) throws IOException {
        String directory = jar.substring(0, jar.length() - ".jar".length());
        try (ZipFile zip = new ZipFile(tree.resolve("lib").resolve(jar).toFile())) {
            for (ZipEntry entry : zip.stream().filter(e -> !e.isDirectory()).toList()) {
                if (NOTICE.matcher(entry.getName()).matches()) {
                    String name = entry.getName().replace("META-INF/", "");
                    Path target = Files.createDirectories(licences.resolve(directory)).resolve(name);
                    Files.write(target, zip.getInputStream(entry).readAllBytes());
                }
            }
        }
    }

    /** The runtime as one more component, as its own file {@code release} describes it. */
    private ObjectNode runtime(JsonMapper mapper) throws IOException {
        Properties release = new Properties();
        try (var in = Files.newBufferedReader(tree.resolve("runtime/release"))) {
            release.load(in);
        }
        String version = release.getProperty("JAVA_VERSION").replace("\"", "");
        lines.add("OpenJDK runtime " + version + "  GPL-2.0-only WITH Classpath-exception-2.0  https://openjdk.org");
        ObjectNode component = mapper.createObjectNode();
        component.put("type", "platform").put("bom-ref", "openjdk@" + version).put("name", "openjdk");
        component.put("version", version);
        component.put("description", "Modules: " + release.getProperty("MODULES").replace("\"", ""));
        component.putArray("licenses").addObject().put("expression", "GPL-2.0-only WITH Classpath-exception-2.0");
        return component;
    }
}
