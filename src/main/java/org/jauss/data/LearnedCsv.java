package org.jauss.data;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Consumer;
import java.util.stream.StreamSupport;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Sliceable;
import org.jauss.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Reads CSV files with what {@link Csv#learn} found in a training file. Columns are found by name, so their order may
 * differ, and further ones are ignored; without a header they are found by position.
 *
 * @param <T> the type of the labels
 */
public final class LearnedCsv<T extends Sliceable<T>> {
    private final CsvFormat format;
    private final Csv.Target<T> target;
    private final List<CsvColumn> labels;
    private final List<CsvColumn> features;

    LearnedCsv(CsvFormat format, Csv.Target<T> target, List<CsvColumn> labels, List<CsvColumn> features) {
        this.format = format;
        this.target = target;
        this.labels = labels;
        this.features = features;
    }

    /**
     * The names of the features, in the order in which they are in x.
     *
     * @return their columns, in the order of the training file
     */
    public List<String> features() {
        return features.stream().map(CsvColumn::name).toList();
    }

    /**
     * The categories of a feature: the one at position i is the number i in x.
     *
     * @param feature its column
     * @return the texts; none if it is a number
     * @throws IllegalArgumentException if there is no such feature
     */
    public List<String> categories(String feature) {
        return features.stream()
                .filter(column -> column.name().equals(feature))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException("csv: there is no feature " + feature + " among " + features()))
                .categories();
    }

    /**
     * The names of the classes.
     *
     * @return the texts that stand for class 0, class 1 and so on; none if numbers are to be predicted
     */
    public List<String> classNames() {
        return target.classes() == null ? List.of() : labels.get(0).categories();
    }

    /**
     * Reads a file into memory.
     *
     * @param file the file
     * @return its instances, {@code [N, features]}
     * @throws DataException if it cannot be read, breaks a rule of CSV, lacks a column, has a text that is no number or no
     *     known category, or takes more than half of the memory of this JVM
     */
    public Dataset<T> read(Path file) {
        try (var records = Csv.open(file, format)) {
            var x = new Table(features, records);
            var y = new Table(labels, records);
            for (var fields = records.next(); fields != null; fields = records.next()) {
                x.add(fields);
                y.add(fields);
            }
            Dataset<T> data =
                    new InMemory<>(new Batch<>(x.toTensor(), target.of().apply(y.toTensor())), target.rows());
            return data.withClassNames(classNames());
        }
    }

    /**
     * Reads the features of a file, which needs no labels.
     *
     * @param file the file
     * @return {@code [N, features]}
     * @throws DataException as {@link #read} does
     */
    public Tensor inputs(Path file) {
        try (var records = Csv.open(file, format)) {
            var x = new Table(features, records);
            for (var fields = records.next(); fields != null; fields = records.next()) {
                x.add(fields);
            }
            return x.toTensor();
        }
    }

    /**
     * A file that is read line by line, once in every epoch.
     *
     * @param file the file
     * @return its instances
     */
    public DataStream<T> stream(Path file) {
        return DataStream.of(
                epoch -> {
                    var records = Csv.open(file, format);
                    try {
                        return StreamSupport.stream(new Instances(records), false)
                                .onClose(records::close);
                    } catch (DataException e) {
                        records.close();
                        throw e;
                    }
                },
                target.rows());
    }

    /** The records of an open file, one by one. */
    private final class Instances extends Spliterators.AbstractSpliterator<Batch<T>> {
        private final CsvRecords records;
        private final Table x;
        private final Table y;

        Instances(CsvRecords records) {
            super(Long.MAX_VALUE, Spliterator.ORDERED);
            this.records = records;
            this.x = new Table(features, records);
            this.y = new Table(labels, records);
        }

        @Override
        public boolean tryAdvance(Consumer<? super Batch<T>> action) {
            @Nullable List<String> fields = records.next();
            if (fields == null) {
                return false;
            }
            x.add(fields);
            y.add(fields);
            action.accept(new Batch<>(x.toTensor(), target.of().apply(y.toTensor())));
            return true;
        }
    }

    /** Rows of numbers that grow; they are parsed as they come. */
    private static final class Table {
        private static final int FIRST_ROWS = 16;

        private final List<CsvColumn> columns;
        private final CsvRecords records;
        private final int[] positions;
        private float[] values = {};
        private int rows;

        Table(List<CsvColumn> columns, CsvRecords records) {
            this.columns = columns;
            this.records = records;
            this.positions = columns.stream()
                    .mapToInt(column -> records.position(column.name()))
                    .toArray();
        }

        void add(List<String> fields) {
            int start = rows * positions.length;
            if (start + positions.length > values.length) {
                long size = Math.max(2L * values.length, (long) FIRST_ROWS * positions.length);
                if (2 * size * Float.BYTES > ByteSource.memory()) { // they are copied once
                    throw records.broken("the numbers take more than the " + ByteSource.memory()
                            + " bytes of memory that a file may take (more with -Xmx)");
                }
                values = Arrays.copyOf(values, (int) size);
            }
            for (int i = 0; i < positions.length; i++) {
                values[start + i] = columns.get(i).parse(fields.get(positions[i]), records);
            }
            rows++;
        }

        /** Takes the rows out, {@code [rows, columns]}. */
        Tensor toTensor() {
            var tensor = Tensor.of(Shape.of(rows, positions.length), Arrays.copyOf(values, rows * positions.length));
            rows = 0;
            return tensor;
        }
    }
}
