package org.jauss.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jauss.metrics.ConfusionMatrix;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Tensor;
import org.jauss.train.History;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A report is one well-formed file with all that was put into it, and with nothing that its texts could smuggle in. */
final class ReportTest {
    private static final String HOSTILE =
            "</style><script>alert('x')</script><img src=\"http://a.invalid\" onerror=\"x\"/>"
                    + "&amp; ]]> \u0001 \udc00 \uffff";
    private static final String SHOWN = HOSTILE.replaceAll("[\u0001\udc00\uffff]", "\ufffd");

    @TempDir
    Path folder;

    private static Report everything(String text) {
        var matrix = new ConfusionMatrix(2);
        matrix.add(Tensor.of(new float[][] {{1, 0}, {1, 0}, {0, 1}}), IntTensor.of(0, 1, 1));
        var image = Tensor.of(Shape.of(1, 2), 0, 1);
        var samples = Stream.of(image, null)
                .map(picture -> new Predictions.Sample(picture, text, text, text + ".", .5))
                .toList();
        return Report.of(text, text)
                .with(Section.of(text, text)
                        .with(LineChart.of(text, text, text))
                        .with(Histogram.of(text, 1, 2))
                        .with(BarChart.of(text, text, List.of(text)).with(text, 1)))
                .with(Section.of(text, "")
                        .withFold()
                        .with(Table.of(text, "number").with(text, "1"))
                        .with(new Listing(text))
                        .with(new Confusion(matrix, List.of(text, text)))
                        .with(new Predictions(samples)));
    }

    @Test
    void textsAreShownAndNeverObeyed() {
        String html = everything(HOSTILE).html();
        Page page = Page.parse(html);
        assertTrue(page.elements("script").isEmpty());
        assertEquals(1, page.elements("style").size());
        assertEquals(1, page.elements("img").size(), "that of the picture");
        assertTrue(page.elements("img").get(0).getAttribute("src").startsWith("data:image/png;base64,"));
        for (String name : List.of("h1", "h2", "pre", "b", "small")) {
            assertEquals(SHOWN, page.texts(name).get(0).replaceFirst("\\.$", ""), name);
        }
        String harmless = "x".repeat(HOSTILE.length());
        assertEquals(Page.parse(everything(harmless).html()).outline(), page.outline());
    }

    @Test
    void nothingIsFetched() {
        String html = everything("x").html();
        String addresses = html.replaceAll("xmlns=\"http://www.w3.org/[^\"]*\"", "");
        assertFalse(Pattern.compile("https?:|//|@import|url\\(|<link")
                .matcher(addresses.replaceAll("base64,[^\"]*", ""))
                .find());
    }

    @Test
    void aConfusionMatrixHasItsCountsAndMeasures() {
        var matrix = new ConfusionMatrix(3);
        var logits = Tensor.of(new float[][] {{1, 0, 0}, {0, 1, 0}, {0, 1, 0}, {0, 1, 0}, {0, 0, 1}});
        matrix.add(logits, IntTensor.of(0, 0, 0, 1, 1));
        Page page = Page.parse(new Confusion(matrix, List.of("cat", "dog")).markup());
        assertEquals(
                List.of(
                        "1", "2", "", "1.000", "0.333", "0.500", //
                        "", "1", "1", "0.333", "0.500", "0.400", //
                        "", "", "", "0.000", "0.000", "0.000"),
                page.texts("td"));
        assertEquals(List.of("Most frequent confusions: cat → dog 2, dog → 2 1"), page.texts("p"));
        assertEquals("cat taken for dog: 2 (66.7 %)", page.elements("td").get(1).getAttribute("title"));
        Page many = Page.parse(new Confusion(new ConfusionMatrix(100), List.of()).markup());
        assertTrue(many.elements("td").isEmpty());
    }

    @Test
    void wrongPredictionsComeFirstTheSurestBeforeAll() {
        var all = List.of(
                sample("a", "x", "x", .9),
                sample("b", "x", "y", .6),
                sample("c", "x", "x", .4),
                sample("d", "y", "x", .8),
                sample("e", "y", "y", .7),
                sample("f", "y", "x", .5));
        assertEquals(
                List.of("d", "b", "c", "e"),
                Predictions.select(all, 2, 2).samples().stream()
                        .map(Predictions.Sample::name)
                        .toList());
    }

    private static Predictions.Sample sample(String name, String label, String predicted, double probability) {
        return new Predictions.Sample(null, name, label, predicted, probability);
    }

    @Test
    void aTableHasRowsOfOneLength() {
        var thrown = assertThrows(
                IllegalArgumentException.class, () -> Table.of("a", "b").with("1"));
        assertEquals("table: a row has 1 cells for 2 columns: 1", thrown.getMessage());
    }

    @Test
    void aHistoryAloneMakesCurves() throws IOException {
        var history = new History();
        for (int epoch = 1; epoch <= 3; epoch++) {
            history.add("learningRate", 10L * epoch, .1);
            history.add("loss", 10L * epoch, 1. / epoch);
            history.add("auxiliaryLoss", 10L * epoch, 0);
            history.add("validation.loss", 10L * epoch, 2. / epoch);
            history.add("validation.accuracy", 10L * epoch, 1 - 1. / epoch);
        }
        Path file = folder.resolve("report.html");
        Report.of("Digits", history).write(file);
        Page page = Page.parse(Files.readString(file));
        assertEquals(
                List.of("Task loss", "accuracy", "Learning rate"),
                page.elements("svg").stream()
                        .map(svg -> svg.getAttribute("aria-label"))
                        .toList());
        var titles = page.texts("title");
        assertTrue(titles.contains("training, step 20: 0.5"), titles::toString);
        assertTrue(titles.contains("validation, step 20: 1"), titles::toString);
        assertTrue(titles.contains("step 30: 0.6667"), titles::toString);
    }

    @Test
    void aFileThatCannotBeWrittenIsNamed() {
        Path file = folder.resolve("missing").resolve("report.html");
        var thrown = assertThrows(
                java.io.UncheckedIOException.class, () -> everything("x").write(file));
        assertEquals(file + ": cannot be written: there is no such file or folder", thrown.getMessage());
    }
}
