package io.weavemesh.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class BarChartTest {

    @Test
    void itIsWellFormedAndHasARowForEachPromise() throws Exception {
        Element svg = parse(BarChart.of(Examples.results()));
        assertThat(svg.getNamespaceURI()).isEqualTo("http://www.w3.org/2000/svg");
        List<String> texts =
                elements(svg, "text").stream().map(Element::getTextContent).toList();
        assertThat(texts)
                .contains(
                        "an <endpoint> & its table",
                        "1.40 ms (<= 2.00)",
                        "answers : dnsmasq",
                        "1.10 (>= 1.50)",
                        "limit")
                .anyMatch(text -> text.startsWith("load (2026-11-26 12:30 UTC"))
                .noneMatch(text -> text.contains("one write"));
        assertThat(elements(svg, "g")).hasSize(2);
    }

    @Test
    void aBarEndsLeftOfTheLimitWhereThePromiseIsKept() throws Exception {
        Element svg = parse(BarChart.of(Examples.results()));
        double limit = elements(svg, "line").stream()
                .filter(line -> line.getAttribute("class").equals("limit"))
                .mapToDouble(line -> Double.parseDouble(line.getAttribute("x1")))
                .findFirst()
                .orElseThrow();
        assertThat(ends(svg, "kept"))
                .singleElement()
                .satisfies(end -> assertThat(end).isLessThan(limit));
        assertThat(ends(svg, "missed"))
                .singleElement()
                .satisfies(end -> assertThat(end).isGreaterThan(limit));
    }

    @Test
    void whatIsFarFromItsLimitStaysInsideTheDrawing() throws Exception {
        Results results = new Results(List.of(Examples.part(
                Part.ADDRESSES,
                "2026-11-26T00:00:00Z",
                0,
                Figure.atMost(0.01, "nothing", "B", List.of(0.0)),
                Figure.atMost(1, "very much", "B", List.of(1e9)),
                Figure.atLeast(1, "none at all", "B", List.of(0.0)))));
        Element svg = parse(BarChart.of(results));
        double width = Double.parseDouble(svg.getAttribute("width"));
        assertThat(ends(svg, "kept")).hasSize(1).allMatch(end -> end >= 0 && end < width);
        assertThat(ends(svg, "missed")).hasSize(2).allMatch(end -> end >= 0 && end < width);
    }

    private static List<Double> ends(Element svg, String style) {
        return elements(svg, "rect").stream()
                .filter(bar -> bar.getAttribute("class").equals(style))
                .map(bar -> Double.parseDouble(bar.getAttribute("x")) + Double.parseDouble(bar.getAttribute("width")))
                .toList();
    }

    private static Element parse(String text) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        return factory.newDocumentBuilder()
                .parse(new InputSource(new StringReader(text)))
                .getDocumentElement();
    }

    private static List<Element> elements(Element root, String name) {
        NodeList nodes = root.getElementsByTagName(name);
        List<Element> elements = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            elements.add((Element) nodes.item(i));
        }
        return elements;
    }
}
