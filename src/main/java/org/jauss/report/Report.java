package org.jauss.report;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jauss.io.AtomicFile;
import org.jauss.train.History;

/**
 * A report: one HTML file that needs nothing beside it and no network, follows the light or dark colours of the reader,
 * and can be read on a telephone. It is well-formed XHTML, so that programs can read it, too.
 *
 * <pre>{@code
 * Report.of("Digits", "300 epochs of plain SGD")
 *         .with(Section.of("Curves", "").with(chart))
 *         .write(Path.of("report.html"));
 * }</pre>
 *
 * <p>{@link RunReport} makes one of a training while it runs.
 *
 * @param title the title
 * @param subtitle a line below the title; may be empty
 * @param sections what stands in it
 */
public record Report(String title, String subtitle, List<Section> sections) {
    /**
     * A report.
     *
     * @param title the title
     * @param subtitle a line below the title; may be empty
     * @param sections what stands in it; copied
     */
    public Report {
        sections = List.copyOf(sections);
    }

    /**
     * A report without sections.
     *
     * @param title the title
     * @param subtitle a line below the title; may be empty
     * @return the report
     */
    public static Report of(String title, String subtitle) {
        return new Report(title, subtitle, List.of());
    }

    /**
     * The curves of a training, from its history alone.
     *
     * @param title the title
     * @param history the history
     * @return the report
     */
    public static Report of(String title, History history) {
        return of(title, "").with(Curves.of(history, new History()));
    }

    /**
     * The same with one more section.
     *
     * @param section the section
     * @return the report
     */
    public Report with(Section section) {
        List<Section> more = new ArrayList<>(sections);
        more.add(section);
        return new Report(title, subtitle, more);
    }

    /**
     * The file.
     *
     * @return the whole document
     */
    public String html() {
        var xml = new Xml();
        xml.raw("<!DOCTYPE html>\n");
        xml.open("html", "xmlns", "http://www.w3.org/1999/xhtml", "lang", "en").open("head");
        xml.empty("meta", "charset", "UTF-8");
        xml.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
        xml.element("title", title);
        xml.open("style").raw(Style.OF_FIGURES + Style.OF_PAGES).close();
        xml.close().open("body").open("header").element("h1", title);
        if (!subtitle.isEmpty()) {
            xml.element("p", subtitle);
        }
        xml.close().open("main");
        for (Section section : sections) {
            xml.raw("\n").raw(section.markup());
        }
        return xml.close().close().close().raw("\n").toString();
    }

    /**
     * Writes the file.
     *
     * @param file where, such as {@code report.html}; there is either the old one or the new one, never a part
     * @throws java.io.UncheckedIOException if it cannot be written
     */
    public void write(Path file) {
        AtomicFile.write(file, html().getBytes(StandardCharsets.UTF_8));
    }
}
