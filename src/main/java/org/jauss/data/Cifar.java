package org.jauss.data;

import java.nio.file.Path;
import java.util.List;
import org.jauss.tensor.IntTensor;

/**
 * Reads the binary files of CIFAR-10 and CIFAR-100 (Krizhevsky, 2009): records of one label, or a coarse and a fine one,
 * and 3,072 bytes, the red, the green and the blue plane of 32 x 32 pixels, row by row.
 *
 * <p>Opening the files checks their sizes and all labels, which stay in memory; the images are read from the files
 * whenever they are asked for, and become floats only in a batch. The files hold no checksum: a flipped bit in a pixel
 * is a pixel.
 */
public final class Cifar {
    private Cifar() {}

    /**
     * Opens files of CIFAR-10.
     *
     * @param files one or more files, such as {@code data_batch_1.bin}, whose records follow one another
     * @return images {@code [N, 32, 32, 3]} from 0 (byte 0) to 1 (byte 255), and labels from 0 to 9
     * @throws DataException if a file cannot be read or is not of this form
     */
    public static Dataset<IntTensor> read10(List<Path> files) {
        return CifarData.open(files, 1, 10);
    }

    /**
     * Opens files of CIFAR-100.
     *
     * @param files one or more files, such as {@code train.bin}, whose records follow one another
     * @return images {@code [N, 32, 32, 3]} from 0 (byte 0) to 1 (byte 255), and the fine labels, from 0 to 99
     * @throws DataException if a file cannot be read or is not of this form
     */
    public static Dataset<IntTensor> read100(List<Path> files) {
        return CifarData.open(files, 2, 100);
    }
}
