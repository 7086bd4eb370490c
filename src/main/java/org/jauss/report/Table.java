package org.jauss.report;

import java.util.ArrayList;
import java.util.List;

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
        var xml = new Xml();
        xml.open("div", "class", "wide").open("table");
        if (header.stream().anyMatch(head -> !head.isEmpty())) {
            xml.open("thead").open("tr");
            header.forEach(head -> xml.element("th", head));
            xml.close().close();
        }
        xml.open("tbody");
        for (List<String> row : rows) {
            xml.open("tr");
            for (int i = 0; i < row.size(); i++) {
                xml.element(i == 0 ? "th" : "td", row.get(i), "class", isNumber(row.get(i)) ? "number" : "text");
            }
            xml.close();
        }
        return xml.close().close().close().toString();
    }

    private static boolean isNumber(String cell) {
        return !cell.isEmpty() && (Character.isDigit(cell.charAt(0)) || cell.matches("[-+±∞.].?[0-9%]?.*"));
    }
}
