package org.jauss.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Sliceable;
import org.jauss.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What the columns of a CSV file are: one or more are labels, some are left out, all others are features: numbers unless
 * they are said to be categories. What a training file alone can tell, the categories and the means, is learned from it
 * once and then used for every file:
 *
 * <pre>{@code
 * LearnedCsv<IntTensor> csv = Csv.ofClasses("species").withCategories("island").learn(trainingFile);
 * Dataset<IntTensor> training = csv.read(trainingFile);
 * Dataset<IntTensor> test = csv.read(testFile);
 * }</pre>
 *
 * <p>It needs FastCSV ({@code de.siegmar:fastcsv}) on the class path, which this library does not bring along. A file may
 * be compressed by gzip. Whatever is wrong with it, the message names file, line, column and text.
 *
 * @param <T> the type of the labels
 */
public final class Csv<T extends Sliceable<T>> {
    private final Target<T> target;
    private final CsvFormat format;
    private final List<String> categories;
    private final List<String> leftOut;
    private final Missing missing;

    /**
     * What the labels are.
     *
     * @param columns their columns
     * @param classes the names of the classes if they are fixed, empty if they are learned; null for numbers
     * @param of makes them of the numbers in these columns, {@code [N, columns]}
     * @param rows puts them together
     */
    record Target<T extends Sliceable<T>>(
            List<String> columns, @Nullable List<String> classes, Function<Tensor, T> of, Rows<T> rows) {}

    /** What becomes of a missing feature: an error if the mean is not wanted and there is no constant. */
    private record Missing(boolean mean, float constant) {
        static final float NONE = Float.NaN;

        boolean refused() {
            return !mean && Float.isNaN(constant);
        }
    }

    private Csv(Target<T> target, CsvFormat format, List<String> categories, List<String> leftOut, Missing missing) {
        this.target = target;
        this.format = format;
        this.categories = categories;
        this.leftOut = leftOut;
        this.missing = missing;
    }

    private static <T extends Sliceable<T>> Csv<T> of(Target<T> target) {
        return new Csv<>(target, CsvFormat.of(), List.of(), List.of(), new Missing(false, Missing.NONE));
    }

    /**
     * A file whose instances have a class each. The classes are learned, and sorted: as numbers if all are whole
     * numbers, else as texts.
     *
     * @param label the column of the class
     * @return the description
     */
    public static Csv<IntTensor> ofClasses(String label) {
        return ofClasses(label, List.of());
    }

    /**
     * A file whose instances have one of the given classes each.
     *
     * @param label the column of the class
     * @param classes the texts that stand for class 0, class 1 and so on
     * @return the description
     */
    public static Csv<IntTensor> ofClasses(String label, List<String> classes) {
        return of(new Target<>(List.of(label), List.copyOf(classes), Csv::toClasses, Rows.INTS));
    }

    /**
     * A file whose instances have numbers to predict.
     *
     * @param labels the columns of the numbers
     * @return the description
     */
    public static Csv<Tensor> ofNumbers(String... labels) {
        return of(new Target<>(List.of(labels), null, Function.identity(), Rows.FLOATS));
    }

    private static IntTensor toClasses(Tensor column) {
        int[] classes = new int[column.size()];
        for (int i = 0; i < classes.length; i++) {
            classes[i] = (int) column.data()[column.offset() + i];
        }
        return IntTensor.of(classes);
    }

    /**
     * Another format.
     *
     * @param other how the file is written
     * @return the changed description
     */
    public Csv<T> withFormat(CsvFormat other) {
        return new Csv<>(target, other, categories, leftOut, missing);
    }

    /**
     * More columns that are categories rather than numbers: a text becomes its position among the categories, which are
     * sorted as classes are.
     *
     * @param columns the columns
     * @return the changed description
     */
    public Csv<T> withCategories(String... columns) {
        return new Csv<>(target, format, join(categories, columns), leftOut, missing);
    }

    /**
     * More columns that are left out.
     *
     * @param columns the columns
     * @return the changed description
     */
    public Csv<T> without(String... columns) {
        return new Csv<>(target, format, categories, join(leftOut, columns), missing);
    }

    /**
     * Takes the mean of its column in the training file for a missing number, and for a missing category one more
     * category, whose text is empty. Without this or a constant what is missing is an error; a missing label always is.
     *
     * @return the changed description
     */
    public Csv<T> withMeanForMissing() {
        return new Csv<>(target, format, categories, leftOut, new Missing(true, Missing.NONE));
    }

    /**
     * Takes a constant for a missing number, and for a missing category one more category, whose text is empty.
     *
     * @param constant the number
     * @return the changed description
     * @throws IllegalArgumentException if it is no number
     */
    public Csv<T> withConstantForMissing(float constant) {
        if (Float.isNaN(constant)) {
            throw new IllegalArgumentException("csv: the constant for what is missing must be a number, but is NaN");
        }
        return new Csv<>(target, format, categories, leftOut, new Missing(false, constant));
    }

    private static List<String> join(List<String> some, String... more) {
        return Stream.concat(some.stream(), Arrays.stream(more)).toList();
    }

    /**
     * Reads a training file from front to back and learns its columns, categories and means.
     *
     * @param file the file
     * @return what reads files like it
     * @throws DataException if it cannot be read, breaks a rule of CSV, lacks a column, or has a text where a number should
     *     be
     * @throws IllegalStateException if FastCSV is not on the class path
     */
    public LearnedCsv<T> learn(Path file) {
        try (var records = open(file, format)) {
            List<CsvColumn.Learning> labels = new ArrayList<>();
            for (String label : target.columns()) {
                labels.add(learning(label, records, target.classes() != null, true));
            }
            leftOut.forEach(records::position);
            categories.forEach(records::position);
            List<CsvColumn.Learning> features = new ArrayList<>();
            for (String column : records.columns()) {
                if (!target.columns().contains(column) && !leftOut.contains(column)) {
                    features.add(learning(column, records, categories.contains(column), missing.refused()));
                }
            }
            for (var fields = records.next(); fields != null; fields = records.next()) {
                for (var label : labels) {
                    label.see(fields, records);
                }
                for (var feature : features) {
                    feature.see(fields, records);
                }
            }
            return new LearnedCsv<>(
                    format,
                    target,
                    labels.stream()
                            .map(label -> label.label(target.classes() == null ? List.of() : target.classes()))
                            .toList(),
                    features.stream()
                            .map(feature -> feature.learned(missing.constant(), records))
                            .toList());
        }
    }

    private CsvColumn.Learning learning(String column, CsvRecords records, boolean category, boolean refused) {
        return new CsvColumn.Learning(column, records.position(column), category, refused);
    }

    static CsvRecords open(Path file, CsvFormat format) {
        try {
            return CsvRecords.open(file, format);
        } catch (NoClassDefFoundError e) {
            throw new IllegalStateException(
                    "csv: needs FastCSV on the class path: the Maven artifact de.siegmar:fastcsv, version 4", e);
        }
    }
}
