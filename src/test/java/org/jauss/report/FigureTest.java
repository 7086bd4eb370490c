package org.jauss.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.jauss.train.History;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Figures are well-formed, show the numbers they were given, and bear any name and number. */
final class FigureTest {
    private static final String HOSTILE = "<script>alert(\"1\")</script> & 'x' \u0000 \ud800 ]]>";
    private static final double[] STEPS = {0, 10, 20, 30};

    @TempDir
    Path folder;

    private static LineChart lines() {
        return LineChart.of("Loss", "step", "nats")
                .with("training", STEPS, new double[] {2, 1, .5, .25})
                .withSpread(
                        "3 seeds", STEPS, new double[] {2, 1, .75, .5}, new double[] {1.5, .5, .5, .25}, new double[] {
                            3, 2, 1, .75
                        });
    }

    private static BarChart bars() {
        return BarChart.of("Accuracy", "", List.of("none", "batch"))
                .with("8", .5, -.25)
                .withSpread("64", new double[] {.75, .5}, new double[] {.7, .4}, new double[] {.8, .6});
    }

    static Stream<Figure> figures() {
        double[] none = {};
        double[] odd = {Double.NaN, Double.POSITIVE_INFINITY, -1, 0};
        return Stream.of(
                lines(),
                lines().withLogScale(),
                LineChart.of("", "", ""),
                LineChart.of(HOSTILE, HOSTILE, HOSTILE)
                        .with(HOSTILE, STEPS, odd)
                        .with(HOSTILE, STEPS, odd),
                LineChart.of("odd", "step", "").with("a", STEPS, odd).withLogScale(),
                LineChart.of("one", "step", "").with("a", new double[] {3}, new double[] {7}),
                LineChart.of("none", "step", "").with("a", none, none),
                bars(),
                BarChart.of(HOSTILE, HOSTILE, List.of(HOSTILE)).with(HOSTILE, Double.NaN),
                BarChart.of("none", "", List.of()),
                Histogram.of("weights", -1, 0, 0, 2),
                Histogram.of(HOSTILE, Float.NaN, Float.POSITIVE_INFINITY),
                Histogram.of("constant", 3, 3),
                Histogram.of("none"));
    }

    @ParameterizedTest
    @MethodSource("figures")
    void svgIsWellFormed(Figure figure) {
        var svg = Page.parse(figure.svg());
        assertEquals("http://www.w3.org/2000/svg", svg.root().getNamespaceURI());
        assertTrue(svg.elements("script").isEmpty());
        assertFalse(figure.svg().contains("NaN\""), "no coordinate is NaN");
        assertFalse(figure.svg().contains("Infinity"));
    }

    @ParameterizedTest
    @MethodSource("figures")
    void pngIsAPicture(Figure figure) throws IOException {
        Path file = folder.resolve("figure.png");
        figure.write(file);
        var image = ImageIO.read(file.toFile());
        assertEquals(1200, image.getWidth());
        assertEquals(750, image.getHeight());
    }

    @Test
    void whiskersOfAPngReachTheFartherEnd() {
        double[] values = {.5, .5, Double.NaN, .5};
        var chart = BarChart.of("Accuracy", "", List.of("up", "down", "none", "sure"))
                .withSpread("a", values, new double[] {.25, -.5, .1, .5}, new double[] {1, .75, .2, .5});
        var whiskers =
                PngFigure.of(chart).getSeriesMap().values().iterator().next().getExtraValues();
        assertEquals(List.of(.5, 1., 0., 0.), List.copyOf(whiskers));
    }

    @Test
    void pointsTellTheirNumbers() {
        List<String> titles = Page.parse(lines().svg()).texts("title");
        assertTrue(titles.contains("training, step 20: 0.5"), titles::toString);
        assertTrue(titles.contains("3 seeds, step 20: 0.75 (0.5 to 1)"), titles::toString);
        assertEquals(8, titles.size());
        List<String> ofBars = Page.parse(bars().svg()).texts("title");
        assertEquals(
                List.of(
                        "none, 8: 0.5",
                        "none, 64: 0.75 (0.7 to 0.8)",
                        "batch, 8: -0.25",
                        "batch, 64: 0.5 (0.4 to 0.6)"),
                ofBars);
        assertEquals(
                List.of("step 5: 1.5"),
                Page.parse(LineChart.of("Loss", "step", "")
                                .with("loss", List.of(new History.Point(5, 1.5)))
                                .svg())
                        .texts("title"));
    }

    @Test
    void aLineHasAGapWhereItHasNoNumber() {
        double[] heights = {1, Double.NaN, 2, 3};
        var svg = Page.parse(
                LineChart.of("gap", "step", "").with("a", STEPS, heights).svg());
        assertEquals(2, svg.elements("path").size());
        assertEquals(3, svg.elements("circle").size());
    }

    @Test
    void histogramsCount() {
        var histogram = Histogram.of("h", 0, .1f, 29, 30, Float.NaN);
        assertEquals(30, histogram.counts().size());
        assertEquals(2, histogram.counts().get(0));
        assertEquals(2, histogram.counts().get(29));
        assertEquals(1, histogram.notFinite());
        assertEquals(14.775, histogram.mean(), 1e-6); // .1f is not .1
        assertEquals(14.7293, histogram.std(), 1e-4); // by hand
    }

    @Test
    void svgAndPngAreTheFilesThatCanBeWritten() throws IOException {
        Path file = folder.resolve("figure.SVG");
        lines().write(file);
        assertEquals(lines().svg(), Files.readString(file));
        var thrown = assertThrows(IllegalArgumentException.class, () -> lines().write(Path.of("figure.pdf")));
        assertEquals("figure: the file must end in .svg or .png, but is figure.pdf", thrown.getMessage());
    }

    @Test
    void arraysOfDifferentLengthAreRefused() {
        double[] one = {1};
        var line = assertThrows(
                IllegalArgumentException.class, () -> LineChart.of("", "", "").with("a", STEPS, one));
        assertEquals("line chart: a has arrays of 4, 1, 1 and 1 numbers", line.getMessage());
        var few = assertThrows(
                IllegalArgumentException.class,
                () -> BarChart.of("", "", List.of("a", "b")).with("s", 1));
        assertEquals("bar chart: s has 1 bars for 2 categories", few.getMessage());
        var spread = assertThrows(
                IllegalArgumentException.class,
                () -> BarChart.of("", "", List.of("a")).withSpread("s", one, STEPS, one));
        assertEquals("bar chart: s has arrays of 1, 4 and 1 numbers", spread.getMessage());
    }

    /** The class path of this test without entries of a name; without none for an empty one. */
    private static URL[] classPath(String without) {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> without.isEmpty() || !entry.contains(without))
                .map(entry -> {
                    try {
                        return Path.of(entry).toUri().toURL();
                    } catch (MalformedURLException e) {
                        throw new IllegalArgumentException(e);
                    }
                })
                .toArray(URL[]::new);
    }

    /** A JDK without AWT. */
    private static final class WithoutAwt extends ClassLoader {
        private WithoutAwt() {
            super(ClassLoader.getPlatformClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (name.startsWith("java.awt.")) {
                throw new ClassNotFoundException(name);
            }
            return super.loadClass(name, resolve);
        }
    }

    @Test
    void anotherMissingClassIsNotBlamedOnTheLibrary() throws ReflectiveOperationException, IOException {
        try (var loader = new URLClassLoader(classPath(""), new WithoutAwt())) {
            Object empty = loader.loadClass(LineChart.class.getName())
                    .getMethod("of", String.class, String.class, String.class)
                    .invoke(null, "Loss", "step", "");
            var write = loader.loadClass(Figure.class.getName()).getMethod("write", Path.class);
            var thrown = assertThrows(
                    InvocationTargetException.class, () -> write.invoke(empty, folder.resolve("loss.png")));
            assertEquals(NoClassDefFoundError.class, thrown.getCause().getClass());
            assertTrue(String.valueOf(thrown.getCause().getMessage()).startsWith("java/awt/"));
        }
    }

    @Test
    void aMissingLibraryIsNamedAndSvgNeedsNone() throws ReflectiveOperationException, IOException {
        try (var loader = new URLClassLoader(classPath("xchart"), ClassLoader.getPlatformClassLoader())) {
            Class<?> chart = loader.loadClass(LineChart.class.getName());
            Object empty = chart.getMethod("of", String.class, String.class, String.class)
                    .invoke(null, "Loss", "step", "");
            var write = loader.loadClass(Figure.class.getName()).getMethod("write", Path.class);
            assertNotNull(chart.getMethod("markup").invoke(empty));
            var thrown = assertThrows(
                    InvocationTargetException.class, () -> write.invoke(empty, folder.resolve("loss.png")));
            assertEquals(
                    "figure: PNG needs XChart on the class path: the Maven artifact org.knowm.xchart:xchart, version 3.8;"
                            + " SVG needs nothing",
                    thrown.getCause().getMessage());
            assertFalse(Files.exists(folder.resolve("loss.png")));
        }
    }
}
