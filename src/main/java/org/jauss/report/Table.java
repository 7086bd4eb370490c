package org.jauss.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A table. The first column is that of names; numbers stand at the right.
 *
 * <pre>{@code
 * Table.of("method", "accuracy").with("none", "0.93").with("Gaussian", "0.97")
 * }</pre>
 *
 * @param header the heads of the columns; all empty for none
 * @param rows the rows, each with as many cells
 */
public record Table(List<String> header, List<List<String>> rows) implements Block {
    /**
     * A table.
     *
     * @param header the heads of the columns; copied
     * @param rows the rows, each with as many cells; copied
     * @throws IllegalArgumentException if a row has another number of cells
     */
    public Table {
        header = List.copyOf(header);
        rows = rows.stream().map(List::copyOf).toList();
        for (List<String> row : rows) {
            if (row.size() != header.size()) {
                throw new IllegalArgumentException("table: a row has " + row.size() + " cells for " + header.size()
                        + " columns: " + String.join(", ", row));
            }
        }
    }

    /**
     * A table without rows.
     *
     * @param header the heads of the columns; all empty for none
     * @return the table
     */
    public static Table of(String... header) {
        return new Table(List.of(header), List.of());
    }

    /**
     * The same with one more row.
     *
     * @param cells as many as there are columns
     * @return the table
     * @throws IllegalArgumentException if there are more or fewer
     */
    public Table with(String... cells) {
        List<List<String>> more = new ArrayList<>(rows);
        more.add(List.of(cells));
        return new Table(header, more);
    }

    @Override
    public String markup() {
        List<String> kinds = IntStream.range(0, header.size())
                .mapToObj(this::isOfNumbers)
                .map(numbers -> numbers ? "number" : "text")
                .toList();
        boolean headed = header.stream().anyMatch(head -> !head.isEmpty());
        var xml = new Xml();
        xml.open("div", "class", "wide").open("table");
        if (headed) {
            xml.open("thead").open("tr");
            for (int i = 0; i < header.size(); i++) {
                xml.element("th", header.get(i), "class", kinds.get(i));
            }
            xml.close().close();
        }
        xml.open("tbody");
        for (List<String> row : rows) {
            xml.open("tr");
            for (int i = 0; i < row.size(); i++) {
                xml.element(i == 0 ? "th" : "td", row.get(i), "class", headed ? kinds.get(i) : "text");
            }
            xml.close();
        }
        return xml.close().close().close().toString();
    }

    /** Whether nothing but numbers stands in a column, perhaps with a unit or a spread. */
    private boolean isOfNumbers(int column) {
        return column > 0
                && rows.stream()
                        .map(row -> row.get(column))
                        .allMatch(cell -> cell.isEmpty() || cell.matches("[-+±]?[0-9.∞].*|NaN|-"));
    }
}
