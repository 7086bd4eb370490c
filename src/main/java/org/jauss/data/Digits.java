package org.jauss.data;

import java.io.IOException;
import java.io.InputStream;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Shape;

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

    /** The number in the files that stands for ink without any paper. */
    public static final int INK = 16;

    private Digits() {}

    /**
     * The digits that come with the library.
     *
     * @return all 1,797 of them, in the order of the source
     */
    public static Dataset<IntTensor> load() {
        byte[] pixels = array("digits-images-idx3-ubyte.gz", 3).bytes();
        IntTensor labels = array("digits-labels-idx1-ubyte.gz", 1).toClasses();
        return Dataset.ofBytes(Shape.of(PIXELS), pixels, INK, labels);
    }

    private static Idx.Array array(String name, int rank) {
        try (InputStream resource = Digits.class.getResourceAsStream(name)) {
            if (resource == null) {
                throw new IllegalStateException(name + " is missing from the class path");
            }
            try (var source = ByteSource.open(name, resource, resource.available())) {
                return Idx.array(source, rank);
            }
        } catch (IOException e) {
            throw DataException.unreadable(name, e);
        }
    }
}
