package org.jauss.data;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Shape;

/**
 * Reads the IDX files in which MNIST (LeCun, Cortes &amp; Burges, 1998) and data sets like it come: a number that names
 * type and rank, the lengths, and then one unsigned byte for each element, all of it plain or compressed by gzip.
 *
 * <p>A file is not trusted: its size is compared with what it announces before any of that is allocated. Whatever is
 * wrong with it, the message says at which offset and why.
 */
public final class Idx {
    private static final int UNSIGNED_BYTE = 8;
    private static final float WHITE = 255;

    private Idx() {}

    /**
     * Reads the images and labels of one part of a data set under their usual names, such as
     * {@code train-images-idx3-ubyte} and {@code train-labels-idx1-ubyte}, each with {@code .gz} behind it or without.
     *
     * @param folder where they are
     * @param part the name of the part: {@code train} or {@code t10k} for MNIST
     * @return images {@code [N, H, W, 1]} from 0 to 1, and labels
     * @throws DataException if a file cannot be read or is not of this form, or their numbers differ
     */
    public static Dataset<IntTensor> read(Path folder, String part) {
        return read(find(folder, part + "-images-idx3-ubyte"), find(folder, part + "-labels-idx1-ubyte"));
    }

    /**
     * Reads images and their labels. They stay bytes in memory.
     *
     * @param images the file of the images: three lengths N, H and W
     * @param labels the file of the labels: one length N
     * @return images {@code [N, H, W, 1]} from 0 (byte 0) to 1 (byte 255), and labels from 0 to 255
     * @throws DataException if a file cannot be read or is not of this form, or their numbers differ
     */
    public static Dataset<IntTensor> read(Path images, Path labels) {
        try (var ofImages = ByteSource.open(images);
                var ofLabels = ByteSource.open(labels)) {
            return read(ofImages, ofLabels);
        }
    }

    private static Dataset<IntTensor> read(ByteSource images, ByteSource labels) {
        Array ofImages = array(images, 3);
        Array ofLabels = array(labels, 1);
        int n = ofImages.dims()[0];
        if (ofLabels.dims()[0] != n) {
            throw labels.at(
                    4,
                    "must have a label for each of the " + n + " images of " + images.name() + ", but announces "
                            + ofLabels.dims()[0]);
        }
        labels.requireMemory((long) n * Integer.BYTES, 4);
        Shape shape = Shape.of(ofImages.dims()[1], ofImages.dims()[2], 1);
        return Dataset.ofBytes(shape, ofImages.bytes(), WHITE, ofLabels.toClasses());
    }

    /** Lengths and elements. */
    record Array(int[] dims, byte[] bytes) {
        IntTensor toClasses() {
            int[] classes = new int[bytes.length];
            for (int i = 0; i < classes.length; i++) {
                classes[i] = bytes[i] & 0xff;
            }
            return IntTensor.of(classes);
        }
    }

    /** Reads a whole file. */
    static Array array(ByteSource source, int rank) {
        int[] dims = header(source, rank);
        return new Array(dims, body(source, dims));
    }

    /** Where a file is: under its name, or compressed with {@code .gz} behind it. */
    static Path find(Path folder, String name) {
        Path compressed = folder.resolve(name + ".gz");
        return Files.exists(compressed) ? compressed : folder.resolve(name);
    }

    /** Reads type, rank and lengths. */
    private static int[] header(ByteSource source, int rank) {
        int magic = source.nextInt();
        int expected = UNSIGNED_BYTE << 8 | rank;
        if (magic != expected) {
            throw source.at(
                    0,
                    String.format(
                            "must begin with %08x, unsigned bytes with rank %d: begins with %08x",
                            expected, rank, magic));
        }
        int[] dims = new int[rank];
        for (int d = 0; d < rank; d++) {
            dims[d] = source.nextInt();
            if (dims[d] < 0) {
                throw source.at(
                        source.offset() - 4,
                        "a length must be below 2^31, but is " + Integer.toUnsignedString(dims[d]));
            }
        }
        return dims;
    }

    /** Reads the elements, after which the file ends. */
    private static byte[] body(ByteSource source, int... dims) {
        long elements = 1;
        for (int d = dims.length - 1; d >= 0; d--) {
            elements = dims[d] == 0 ? 0 : Math.min(elements, Long.MAX_VALUE / dims[d]) * dims[d];
            if (d == 1) {
                source.requireMemory(elements, 8); // an instance, whether there are any or not
            }
        }
        byte[] body = source.next(elements, 4);
        source.end();
        return body;
    }
}
