package org.jauss.data;

import java.util.List;

/**
 * How a CSV file is written. Lines end with LF, CRLF or CR; a byte order mark is skipped; the text is UTF-8.
 *
 * @param separator what stands between fields
 * @param quote what a field stands in that has separators or line ends; twice within such a field it means itself
 * @param header whether the first line names the columns; without, their names are 1, 2, 3 and so on
 * @param missing the texts that mean that a value is missing, compared without the white space around
 */
public record CsvFormat(char separator, char quote, boolean header, List<String> missing) {
    /**
     * Checks the options.
     *
     * @param separator what stands between fields
     * @param quote what a field stands in that has separators or line ends
     * @param header whether the first line names the columns
     * @param missing the texts that mean that a value is missing
     * @throws IllegalArgumentException if separator and quote are the same or end a line
     */
    public CsvFormat {
        if (separator == quote || "\r\n".indexOf(separator) >= 0 || "\r\n".indexOf(quote) >= 0) {
            throw new IllegalArgumentException("csv: separator and quote must differ and end no line: "
                    + DataException.show("" + separator) + " and " + DataException.show("" + quote));
        }
        missing = List.copyOf(missing);
    }

    /**
     * Commas, double quotes, a header; a value is missing where a field is empty.
     *
     * @return the format
     */
    public static CsvFormat of() {
        return new CsvFormat(',', '"', true, List.of(""));
    }

    /**
     * Another separator.
     *
     * @param other what stands between fields
     * @return the changed format
     */
    public CsvFormat withSeparator(char other) {
        return new CsvFormat(other, quote, header, missing);
    }

    /**
     * Another quote.
     *
     * @param other what fields stand in
     * @return the changed format
     */
    public CsvFormat withQuote(char other) {
        return new CsvFormat(separator, other, header, missing);
    }

    /**
     * No header: columns are called 1, 2, 3 and so on.
     *
     * @return the changed format
     */
    public CsvFormat withoutHeader() {
        return new CsvFormat(separator, quote, false, missing);
    }

    /**
     * Other texts for what is missing.
     *
     * @param texts such as {@code ""}, {@code NA} and {@code ?}
     * @return the changed format
     */
    public CsvFormat withMissing(String... texts) {
        return new CsvFormat(separator, quote, header, List.of(texts));
    }
}
