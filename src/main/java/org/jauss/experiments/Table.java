package org.jauss.experiments;

import java.util.ArrayList;
import java.util.List;
import org.jauss.io.Csv;

/**
 * A table of texts.
 *
 * @param header the names of the columns
 * @param rows the rows, each with a text for each column
 */
record Table(List<String> header, List<List<String>> rows) {
    /** As a CSV file (RFC 4180, with line feeds). */
    String csv() {
        var text = new StringBuilder();
        for (List<String> row : all()) {
            text.append(Csv.line(row)).append('\n');
        }
        return text.toString();
    }

    /** As a table of GitHub's Markdown, with columns of one width; those behind the first are right-aligned. */
    String markdown(int leftAligned) {
        List<List<String>> all = new ArrayList<>();
        for (List<String> row : all()) {
            all.add(row.stream()
                    .map(value -> value.replace("|", "\\|").replace('\n', ' '))
                    .toList());
        }
        List<String> rule = new ArrayList<>();
        List<Integer> widths = new ArrayList<>();
        for (int c = 0; c < header.size(); c++) {
            int column = c;
            int width =
                    all.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
            widths.add(Math.max(width, 3));
            rule.add("-".repeat(widths.get(c) - 1) + (c < leftAligned ? "-" : ":"));
        }
        all.add(1, rule);
        var text = new StringBuilder();
        for (List<String> row : all) {
            for (int c = 0; c < row.size(); c++) {
                String blanks = " ".repeat(widths.get(c) - row.get(c).length());
                text.append("| ")
                        .append(c < leftAligned ? row.get(c) + blanks : blanks + row.get(c))
                        .append(' ');
            }
            text.append("|\n");
        }
        return text.toString();
    }

    private List<List<String>> all() {
        List<List<String>> all = new ArrayList<>();
        all.add(header);
        all.addAll(rows);
        return all;
    }
}
