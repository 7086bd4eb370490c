package org.jauss.data;

import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Handwritten digits of 8 x 8 pixels: the 1,797 instances of the test part of "Optical Recognition of Handwritten
 * Digits" (E. Alpaydin and C. Kaynak, UCI Machine Learning Repository, 1998,
 * <a href="https://doi.org/10.24432/C50P49">doi:10.24432/C50P49</a>, CC BY 4.0), which come with the library.
 *
 * <p><b>Shape:</b> {@code [N, 64]}, row by row, from 0 (paper) to 1 (ink); labels 0 to 9.
 */
public final class Digits {
    /** The number of pixels of an instance. */
    public static final int PIXELS = 64;

    /** The number of classes. */
    public static final int CLASSES = 10;

    private static final int INK = 16;
    private static final int LONGEST_LINE = 1_000;
    private static final int MOST_ROWS = 100_000;

    private Digits() {}

    /**
     * The digits that come with the library.
     *
     * @return all 1,797 of them, in the order of the source
     */
    public static LabeledData load() {
        InputStream resource = Digits.class.getResourceAsStream("digits.csv.gz");
        if (resource == null) {
            throw new IllegalStateException("digits.csv.gz is missing from the class path");
        }
        return parse("digits.csv.gz", resource);
    }

    /**
     * Reads a file in the form of the source: one row an instance, without a header, 64 whole numbers from 0 to 16 and
     * then the digit, separated by commas; plain or compressed by gzip; at most 100,000 rows.
     *
     * @param file the file
     * @return its instances, in order
     * @throws UncheckedIOException if it cannot be read or is not of this form; the message says where and why
     */
    public static LabeledData read(Path file) {
        try {
            return parse(file.toString(), Files.newInputStream(file));
        } catch (NoSuchFileException e) {
            throw new UncheckedIOException(file + ": there is no such file", e);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /** Reads and closes a stream; {@code name} is what messages call it. */
    static LabeledData parse(String name, InputStream source) {
        var rows = new ArrayList<float[]>();
        var labels = new ArrayList<Integer>();
        try (source;
                var reader = open(source)) {
            for (String line = readLine(reader); line != null; line = readLine(reader)) {
                if (rows.size() == MOST_ROWS) {
                    throw new BadRow("more than " + MOST_ROWS + " rows");
                }
                String[] columns = line.split(",", -1);
                if (columns.length != PIXELS + 1) {
                    throw new BadRow("a row has " + (PIXELS + 1) + " columns, " + PIXELS + " pixels and the digit, but"
                            + " this one has " + columns.length);
                }
                float[] row = new float[PIXELS];
                for (int i = 0; i < PIXELS; i++) {
                    row[i] = (float) number(columns, i, INK) / INK;
                }
                labels.add(number(columns, PIXELS, CLASSES - 1));
                rows.add(row);
            }
        } catch (IOException e) {
            String problem = e instanceof EOFException
                    ? "the compressed data end too early"
                    : e instanceof BadRow ? e.getMessage() : "cannot be read: " + e.getMessage();
            throw new UncheckedIOException(name + ", line " + (rows.size() + 1) + ": " + problem, e);
        }
        if (rows.isEmpty()) {
            throw new UncheckedIOException(name + ": there are no rows", new BadRow("empty"));
        }
        return labeled(rows, labels);
    }

    private static LabeledData labeled(List<float[]> rows, List<Integer> labels) {
        float[] x = new float[rows.size() * PIXELS];
        for (int i = 0; i < rows.size(); i++) {
            System.arraycopy(rows.get(i), 0, x, i * PIXELS, PIXELS);
        }
        return new LabeledData(
                Tensor.of(Shape.of(rows.size(), PIXELS), x),
                IntTensor.of(labels.stream().mapToInt(Integer::intValue).toArray()));
    }

    private static Reader open(InputStream source) throws IOException {
        var bytes = new BufferedInputStream(source);
        bytes.mark(2);
        boolean gzip = bytes.read() == 0x1f && bytes.read() == 0x8b;
        bytes.reset();
        var text = gzip ? new GZIPInputStream(bytes) : bytes;
        return new BufferedReader(new InputStreamReader(text, StandardCharsets.ISO_8859_1));
    }

    /** A line without its end, or null after the last; never more than a file of this form can have. */
    private static @Nullable String readLine(Reader reader) throws IOException {
        var line = new StringBuilder();
        int c = reader.read();
        if (c < 0) {
            return null;
        }
        for (; c >= 0 && c != '\n'; c = reader.read()) {
            if (line.length() == LONGEST_LINE) {
                throw new BadRow("a line has at most " + LONGEST_LINE + " characters");
            }
            line.append((char) c);
        }
        int last = line.length() - 1;
        return last >= 0 && line.charAt(last) == '\r' ? line.substring(0, last) : line.toString();
    }

    private static int number(String[] columns, int i, int greatest) throws BadRow {
        String text = columns[i].strip();
        int value = text.matches("[0-9]{1,9}") ? Integer.parseInt(text) : -1;
        if (value < 0 || value > greatest) {
            String shown = text.replaceAll("[^ -~]", "?");
            throw new BadRow("column " + (i + 1) + " must be a whole number from 0 to " + greatest + ", but is \""
                    + (shown.length() > 20 ? shown.substring(0, 20) + "..." : shown) + "\"");
        }
        return value;
    }

    /** A row that breaks a rule of the form. */
    private static final class BadRow extends IOException {
        private static final long serialVersionUID = 1;

        BadRow(String rule) {
            super(rule);
        }
    }
}
