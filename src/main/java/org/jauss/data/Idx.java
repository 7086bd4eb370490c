package org.jauss.data;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Tensor;

/**
 * Reads the IDX files in which MNIST (LeCun, Cortes &amp; Burges, 1998) and data sets like it come: a number that names
 * type and rank, the lengths, and then one unsigned byte for each element, all of it plain or compressed by gzip.
 *
 * <p>A file is not trusted: its size is compared with what it announces before any of that is allocated. Whatever is
 * wrong with it, the message says at which offset and why.
 */
public final class Idx {
    private static final int UNSIGNED_BYTE = 8;
    private static final int WHITE = 255;

    /** No stream of deflate is longer than this many times its compressed form. */
    private static final long MOST_EXPANSION = 1032;

    private Idx() {}

    /**
     * Reads the images and labels of one part of a data set under their usual names, such as
     * {@code train-images-idx3-ubyte} and {@code train-labels-idx1-ubyte}, each with {@code .gz} behind it or without.
     *
     * @param folder where they are
     * @param part the name of the part: {@code train} or {@code t10k} for MNIST
     * @return images {@code [N, H, W, 1]} from 0 to 1, and labels
     * @throws UncheckedIOException if a file cannot be read or is not of this form, or their numbers differ
     */
    public static LabeledData read(Path folder, String part) {
        return read(find(folder, part + "-images-idx3-ubyte"), find(folder, part + "-labels-idx1-ubyte"));
    }

    /**
     * Reads images and their labels.
     *
     * @param images the file of the images
     * @param labels the file of the labels
     * @return images {@code [N, H, W, 1]} from 0 to 1, and labels
     * @throws UncheckedIOException if a file cannot be read or is not of this form, or their numbers differ
     */
    public static LabeledData read(Path images, Path labels) {
        Tensor x = images(images);
        IntTensor y = labels(labels);
        if (x.instances() != y.instances()) {
            throw new UncheckedIOException(
                    new IOException(labels + ", offset 4: there must be one label for each of the " + x.instances()
                            + " images of " + images + ", but there are " + y.instances()));
        }
        return new LabeledData(x, y);
    }

    /**
     * Reads images: three lengths N, H and W.
     *
     * @param file the file
     * @return {@code [N, H, W, 1]}, from 0 (byte 0) to 1 (byte 255)
     * @throws UncheckedIOException if it cannot be read or is not of this form
     */
    public static Tensor images(Path file) {
        try (var source = Source.open(file)) {
            int[] dims = source.header(3, Float.BYTES);
            float[] x = new float[dims[0] * dims[1] * dims[2]];
            source.body(x.length, (i, value) -> x[i] = (float) value / WHITE);
            return Tensor.of(Shape.of(dims[0], dims[1], dims[2], 1), x);
        } catch (IOException e) {
            throw Source.unreadable(file, e);
        }
    }

    /**
     * Reads labels: one length N.
     *
     * @param file the file
     * @return {@code [N]}, from 0 to 255
     * @throws UncheckedIOException if it cannot be read or is not of this form
     */
    public static IntTensor labels(Path file) {
        try (var source = Source.open(file)) {
            int[] labels = new int[source.header(1, Integer.BYTES)[0]];
            source.body(labels.length, (i, value) -> labels[i] = value);
            return IntTensor.of(labels);
        } catch (IOException e) {
            throw Source.unreadable(file, e);
        }
    }

    private static Path find(Path folder, String name) {
        Path compressed = folder.resolve(name + ".gz");
        return Files.exists(compressed) ? compressed : folder.resolve(name);
    }

    @FunctionalInterface
    private interface Sink {
        void accept(int i, int value);
    }

    /** An open file and how far it has been read. */
    private static final class Source implements AutoCloseable {
        private final Path file;
        private final InputStream bytes;
        private final long most; // bytes that the file can have, once expanded
        private long offset;

        private Source(Path file, InputStream bytes, long most) {
            this.file = file;
            this.bytes = bytes;
            this.most = most;
        }

        static Source open(Path file) throws IOException {
            long size = Files.size(file);
            var plain = new BufferedInputStream(Files.newInputStream(file));
            try {
                plain.mark(2);
                boolean gzip = plain.read() == 0x1f && plain.read() == 0x8b;
                plain.reset();
                return gzip
                        ? new Source(file, new BufferedInputStream(new GZIPInputStream(plain)), size * MOST_EXPANSION)
                        : new Source(file, plain, size);
            } catch (IOException e) {
                plain.close();
                throw e;
            }
        }

        /** Reads type, rank and lengths; all elements together fit into the file, and into memory. */
        int[] header(int rank, int bytesPerElement) throws IOException {
            int magic = number();
            int expected = UNSIGNED_BYTE << 8 | rank;
            if (magic != expected) {
                throw broken(
                        0,
                        String.format(
                                "must begin with %08x, unsigned bytes with rank %d, but begins with %08x",
                                expected, rank, magic));
            }
            int[] dims = new int[rank];
            long elements = 1;
            for (int d = 0; d < rank; d++) {
                dims[d] = number();
                if (dims[d] < 0) {
                    throw broken(
                            offset - 4, "a length must be below 2^31, but is " + Integer.toUnsignedString(dims[d]));
                }
                elements = dims[d] == 0 ? 0 : Math.min(elements, Long.MAX_VALUE / dims[d]) * dims[d];
            }
            if (elements > most - offset) {
                throw broken(4, "announces " + elements + " elements, more than the file can hold");
            }
            if (elements > Integer.MAX_VALUE
                    || elements * bytesPerElement > Runtime.getRuntime().maxMemory() / 2) {
                throw broken(
                        4,
                        "announces " + elements + " elements, more than half of the memory of this JVM holds:"
                                + " give it more with -Xmx");
            }
            return dims;
        }

        private int number() throws IOException {
            return next() << 24 | next() << 16 | next() << 8 | next();
        }

        void body(int count, Sink sink) throws IOException {
            for (int i = 0; i < count; i++) {
                sink.accept(i, next());
            }
            if (bytes.read() >= 0) {
                throw broken(offset, "must end here, after " + count + " elements, but goes on");
            }
        }

        private int next() throws IOException {
            int value;
            try {
                value = bytes.read();
            } catch (EOFException e) { // within a compressed block
                value = -1;
            }
            if (value < 0) {
                throw broken(offset, "ends too early");
            }
            offset++;
            return value;
        }

        private IOException broken(long at, String problem) {
            return new Broken(file + ", offset " + at + ": " + problem);
        }

        static UncheckedIOException unreadable(Path file, IOException e) {
            if (e instanceof Broken) {
                return new UncheckedIOException(e.getMessage(), e);
            }
            return new UncheckedIOException(
                    file
                            + (e instanceof NoSuchFileException
                                    ? ": there is no such file"
                                    : ": cannot be read: " + e.getMessage()),
                    e);
        }

        @Override
        public void close() throws IOException {
            bytes.close();
        }
    }

    /** A file that breaks a rule of the form. */
    private static final class Broken extends IOException {
        private static final long serialVersionUID = 1;

        Broken(String rule) {
            super(rule);
        }
    }
}
