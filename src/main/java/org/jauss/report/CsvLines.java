package org.jauss.report;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jauss.io.AtomicFile;

/** A CSV file (RFC 4180). */
final class CsvLines {
    private final List<String> lines = new ArrayList<>();

    CsvLines add(Object... fields) {
        lines.add(Stream.of(fields).map(field -> quote(field.toString())).collect(Collectors.joining(",")));
        return this;
    }

    private static String quote(String field) {
        return field.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r')
                ? '"' + field.replace("\"", "\"\"") + '"'
                : field;
    }

    void write(Path file) {
        AtomicFile.write(file, (String.join("\r\n", lines) + "\r\n").getBytes(StandardCharsets.UTF_8));
    }
}
