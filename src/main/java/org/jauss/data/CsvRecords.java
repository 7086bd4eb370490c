package org.jauss.data;

import de.siegmar.fastcsv.reader.CloseableIterator;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The records of a CSV file, all with as many fields as the first. The only class that knows FastCSV. */
final class CsvRecords implements AutoCloseable {
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private final String file;
    private final CsvFormat format;
    private final CloseableIterator<CsvRecord> records;
    private final List<String> columns;
    private final Map<String, Integer> positions = new HashMap<>();
    private @Nullable CsvRecord first;
    private long line = 1;

    private CsvRecords(String file, CsvFormat format, Reader text) {
        this.file = file;
        this.format = format;
        this.records = CsvReader.builder()
                .fieldSeparator(format.separator())
                .quoteCharacter(format.quote())
                .allowUnclosedQuote(false)
                .allowExtraCharsAfterClosingQuote(false)
                .extraFieldStrategy(FieldMismatchStrategy.IGNORE) // counted here
                .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
                .ofCsvRecord(text)
                .iterator();
        first = read();
        if (first == null) {
            throw broken("there is no line");
        }
        this.columns = format.header()
                ? first.getFields().stream().map(String::strip).toList()
                : IntStream.rangeClosed(1, first.getFieldCount())
                        .mapToObj(Integer::toString)
                        .toList();
        for (int i = 0; i < columns.size(); i++) {
            if (positions.put(columns.get(i), i) != null) {
                throw broken("two columns have the name " + DataException.show(columns.get(i)));
            }
        }
        if (format.header()) {
            first = null;
        }
    }

    static CsvRecords open(Path file, CsvFormat format) {
        String name = file.toString();
        var bytes = ByteSource.open(file);
        try {
            var utf8 = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT);
            var text = new BufferedReader(new InputStreamReader(bytes.stream(), utf8));
            text.mark(1);
            if (text.read() != BYTE_ORDER_MARK) {
                text.reset();
            }
            return new CsvRecords(name, format, text);
        } catch (IOException e) {
            bytes.close();
            throw DataException.atLine(name, 1, "what follows cannot be read: " + e);
        } catch (RuntimeException e) {
            bytes.close();
            throw e;
        }
    }

    private @Nullable CsvRecord read() {
        try {
            if (!records.hasNext()) {
                return null;
            }
            CsvRecord record = records.next();
            line = record.getStartingLineNumber();
            return record;
        } catch (UncheckedIOException e) {
            throw broken("what follows cannot be read: " + e.getCause());
        } catch (CsvParseException e) {
            throw broken("what follows cannot be read: " + (e.getCause() == null ? e.getMessage() : e.getCause()));
        }
    }

    /** The names of the columns. */
    List<String> columns() {
        return columns;
    }

    /** The position of a column. */
    int position(String column) {
        Integer position = positions.get(column);
        if (position == null) {
            throw DataException.atLine(
                    file,
                    1,
                    "there is no column " + DataException.show(column) + " among "
                            + DataException.show(String.join(", ", columns)));
        }
        return position;
    }

    /** The fields of the next record; null after the last. */
    @Nullable
    List<String> next() {
        @Nullable CsvRecord record = first != null ? first : read();
        first = null;
        if (record == null) {
            return null;
        }
        line = record.getStartingLineNumber();
        if (record.getFieldCount() != columns.size()) {
            throw broken("there must be " + columns.size() + " fields, but are " + record.getFieldCount());
        }
        return record.getFields();
    }

    /** Whether a field says that its value is missing. */
    boolean isMissing(String field) {
        return format.missing().contains(field.strip());
    }

    /** A rule that the present record breaks. */
    DataException broken(String problem) {
        return DataException.atLine(file, line, problem);
    }

    @Override
    public void close() {
        try {
            records.close();
        } catch (IOException e) {
            throw DataException.unreadable(file, e);
        }
    }
}
