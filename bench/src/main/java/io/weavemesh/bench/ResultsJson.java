package io.weavemesh.bench;

import io.weavemesh.bench.Figure.Beside;
import io.weavemesh.bench.Figure.Bound;
import io.weavemesh.bench.Figure.Promise;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Results as JSON, which is what the next run adds to. Medians, ratios and whether a promise is kept are for readers only. */
final class ResultsJson {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private ResultsJson() {}

    static String write(Results results) {
        ObjectNode root = MAPPER.createObjectNode();
        ArrayNode parts = root.putArray("parts");
        for (Measured measured : results.parts()) {
            ObjectNode part = parts.addObject();
            part.put("part", measured.part().toString());
            part.put("measured", measured.at().toString());
            part.put("loadBefore", measured.loadBefore());
            part.put("loadAfter", measured.loadAfter());
            part.put("machine", measured.surroundings().machine());
            part.put("versions", measured.surroundings().versions());
            ArrayNode figures = part.putArray("figures");
            measured.figures().forEach(figure -> write(figure, figures.addObject()));
        }
        return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
    }

    private static void write(Figure figure, ObjectNode node) {
        node.put("figure", figure.name());
        node.put("unit", figure.unit());
        node.put("median", figure.median());
        numbers(figure.samples(), node.putArray("samples"));
        figure.beside().ifPresent(beside -> {
            ObjectNode other = node.putObject("beside");
            other.put("what", beside.what());
            other.put("median", Figure.median(beside.samples()));
            numbers(beside.samples(), other.putArray("samples"));
            numbers(beside.ratios(), other.putArray("ratios"));
        });
        figure.ratio().ifPresent(ratio -> node.put("ratio", ratio));
        figure.promise().ifPresent(promise -> {
            node.putObject("promised").put("bound", promise.bound().name()).put("value", promise.value());
            node.put("kept", figure.kept());
        });
    }

    private static void numbers(List<Double> samples, ArrayNode array) {
        samples.forEach(array::add);
    }

    /** What was written here; parts that there are no more are left out. */
    static Results read(String text) throws IOException {
        try {
            JsonNode parts = MAPPER.readTree(text).required("parts");
            List<Measured> measured = new ArrayList<>();
            for (JsonNode part : parts) {
                Optional<Part> known = Part.find(part.required("part").asString());
                if (known.isPresent()) {
                    measured.add(measured(known.get(), part));
                }
            }
            return new Results(measured);
        } catch (JacksonException | IllegalArgumentException | java.time.DateTimeException e) {
            throw new IOException("these are no results of 'bench/run': " + e.getMessage(), e);
        }
    }

    private static Measured measured(Part part, JsonNode node) {
        List<Figure> figures = new ArrayList<>();
        for (JsonNode figure : node.required("figures")) {
            figures.add(figure(figure));
        }
        return new Measured(
                part,
                Instant.parse(node.required("measured").asString()),
                node.required("loadBefore").asDouble(),
                node.required("loadAfter").asDouble(),
                new Surroundings(
                        node.required("machine").asString(),
                        node.required("versions").asString()),
                figures);
    }

    private static Figure figure(JsonNode node) {
        Optional<Promise> promise = node.optional("promised")
                .map(said -> new Promise(
                        Bound.valueOf(said.required("bound").asString()),
                        said.required("value").asDouble()));
        Optional<Beside> beside = node.optional("beside")
                .map(other -> new Beside(
                        other.required("what").asString(),
                        numbers(other.required("samples")),
                        numbers(other.required("ratios"))));
        return new Figure(
                node.required("figure").asString(),
                node.required("unit").asString(),
                promise,
                numbers(node.required("samples")),
                beside);
    }

    private static List<Double> numbers(JsonNode array) {
        List<Double> numbers = new ArrayList<>();
        array.forEach(number -> numbers.add(number.asDouble()));
        return numbers;
    }
}
