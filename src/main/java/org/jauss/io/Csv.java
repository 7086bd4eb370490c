package org.jauss.io;

import java.util.List;
import java.util.stream.Collectors;

/** What CSV files (RFC 4180) are made of. */
public final class Csv {
    private Csv() {}

    /**
     * One line; fields with commas, quotes or line breaks are quoted.
     *
     * @param fields the fields
     * @return the line, without its end
     */
    public static String line(List<String> fields) {
        return fields.stream().map(Csv::quoted).collect(Collectors.joining(","));
    }

    private static String quoted(String field) {
        return field.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r')
                ? '"' + field.replace("\"", "\"\"") + '"'
                : field;
    }
}
