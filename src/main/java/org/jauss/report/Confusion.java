package org.jauss.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jauss.metrics.ConfusionMatrix;

/**
 * A confusion matrix with precision, recall and F1 of each class, and the most frequent confusions. A row has the
 * instances of one class; the darker a cell, the greater its share of the row. With more than 30 classes the matrix is
 * left out.
 *
 * @param matrix the matrix
 * @param names the names of the classes; where there is none, its number stands for it
 */
public record Confusion(ConfusionMatrix matrix, List<String> names) implements Block {
    private static final int MOST_CLASSES = 30;
    private static final int MOST_CONFUSIONS = 10;

    /**
     * A confusion matrix.
     *
     * @param matrix the matrix
     * @param names the names of the classes; where there is none, its number stands for it; copied
     */
    public Confusion {
        names = List.copyOf(names);
    }

    private record Cell(int right, int predicted, long count) {}

    private String name(int c) {
        return c < names.size() ? names.get(c) : Integer.toString(c);
    }

    @Override
    public String markup() {
        var xml = new Xml();
        xml.open("div", "class", "wide");
        if (matrix.classes() <= MOST_CLASSES) {
            matrix(xml);
        }
        frequent(xml);
        return xml.close().toString();
    }

    private void matrix(Xml xml) {
        int n = matrix.classes();
        xml.open("table", "class", "confusion").open("thead").open("tr");
        xml.element("th", "is \\ taken for");
        for (int c = 0; c < n; c++) {
            xml.element("th", name(c));
        }
        for (String head : List.of("precision", "recall", "F1")) {
            xml.element("th", head, "class", "measure");
        }
        xml.close().close().open("tbody");
        for (int right = 0; right < n; right++) {
            xml.open("tr").element("th", name(right));
            long all = 0;
            for (int c = 0; c < n; c++) {
                all += matrix.count(right, c);
            }
            for (int c = 0; c < n; c++) {
                long count = matrix.count(right, c);
                double share = count == 0 ? 0 : (double) count / all;
                // Roots, so that single mistakes are seen beside hundreds of right ones.
                String strength = String.format(Locale.ROOT, "%.2f", .75 * Math.sqrt(share));
                xml.element(
                        "td",
                        count == 0 ? "" : Long.toString(count),
                        "class",
                        c == right ? "right" : "other",
                        "title",
                        name(right) + " taken for " + name(c) + ": " + count + " (" + Numbers.share(share) + ")",
                        "style",
                        "background:rgba(var(" + (c == right ? "--heat" : "--miss") + ")," + strength + ")");
            }
            for (double measure : new double[] {matrix.precision(right), matrix.recall(right), matrix.f1(right)}) {
                xml.element("td", String.format(Locale.ROOT, "%.3f", measure), "class", "measure");
            }
            xml.close();
        }
        xml.close().close();
    }

    private void frequent(Xml xml) {
        List<Cell> cells = new ArrayList<>();
        for (int right = 0; right < matrix.classes(); right++) {
            for (int c = 0; c < matrix.classes(); c++) {
                if (c != right && matrix.count(right, c) > 0) {
                    cells.add(new Cell(right, c, matrix.count(right, c)));
                }
            }
        }
        cells.sort(Comparator.comparingLong(Cell::count).reversed());
        if (cells.isEmpty()) {
            return;
        }
        xml.open("p", "class", "note").text("Most frequent confusions: ");
        for (int i = 0; i < Math.min(MOST_CONFUSIONS, cells.size()); i++) {
            Cell cell = cells.get(i);
            xml.text((i == 0 ? "" : ", ") + name(cell.right()) + " → " + name(cell.predicted()) + " " + cell.count());
        }
        xml.close();
    }
}
