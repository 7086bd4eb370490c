package org.jauss.report;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import org.jauss.io.AtomicFile;

/**
 * A figure: alone in a file, or in a {@link Report}.
 *
 * <pre>{@code
 * LineChart.of("Loss", "step", "nats").with("training", steps, losses).write(Path.of("loss.svg"));
 * }</pre>
 */
public sealed interface Figure extends Block permits LineChart, BarChart, Histogram {
    /**
     * What stands above the figure.
     *
     * @return the title
     */
    String title();

    /**
     * The figure as an SVG file. It follows the light or dark colours of the viewer.
     *
     * @return the whole document
     */
    default String svg() {
        return markup().replaceFirst("<svg ", "<svg xmlns=\"http://www.w3.org/2000/svg\" ")
                .replaceFirst(">", ">" + new Xml().element("style", Style.OF_FIGURES));
    }

    /**
     * Writes the figure: as SVG, or as PNG of 1,200 x 750 pixels. For PNG the library XChart
     * ({@code org.knowm.xchart:xchart}) has to be on the class path.
     *
     * @param file the file, whose name ends in {@code .svg} or {@code .png}; there is either the old one or the new one,
     *     never a part
     * @throws IllegalArgumentException if it has another ending
     * @throws IllegalStateException if the library is missing
     * @throws java.io.UncheckedIOException if it cannot be written
     */
    default void write(Path file) {
        String name = file.toString().toLowerCase(Locale.ROOT);
        if (name.endsWith(".svg")) {
            AtomicFile.write(file, svg().getBytes(StandardCharsets.UTF_8));
        } else if (name.endsWith(".png")) {
            AtomicFile.write(file, png());
        } else {
            throw new IllegalArgumentException("figure: the file must end in .svg or .png, but is " + file);
        }
    }

    private byte[] png() {
        try {
            return PngFigure.of(this);
        } catch (NoClassDefFoundError e) {
            if (!String.valueOf(e.getMessage()).startsWith("org/knowm/xchart/")) {
                throw e;
            }
            throw new IllegalStateException(
                    "figure: PNG needs XChart on the class path: the Maven artifact org.knowm.xchart:xchart, version"
                            + " 3.8; SVG needs nothing",
                    e);
        }
    }
}
