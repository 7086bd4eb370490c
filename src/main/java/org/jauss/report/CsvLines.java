package org.jauss.report;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jauss.io.AtomicFile;
import org.jauss.io.Csv;

/** A CSV file (RFC 4180). */
final class CsvLines {
    private final List<String> lines = new ArrayList<>();

    CsvLines add(Object... fields) {
        lines.add(Csv.line(Stream.of(fields).map(Object::toString).toList()));
        return this;
    }

    void write(Path file) {
        AtomicFile.write(file, (String.join("\r\n", lines) + "\r\n").getBytes(StandardCharsets.UTF_8));
    }
}
