package org.jauss.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Tensor;
import org.junit.jupiter.api.Test;

final class DigitsTest {
    @Test
    void theDigitsOfTheLibraryAreComplete() {
        Dataset<IntTensor> digits = Digits.load();
        Tensor x = digits.x();
        assertEquals(Shape.of(1797, 64), x.shape());
        int[] classes = new int[10];
        Arrays.stream(digits.labels().toArray()).forEach(label -> classes[label]++);
        assertArrayEquals(new int[] {178, 182, 177, 183, 181, 182, 181, 179, 174, 180}, classes);
        assertEquals(5f / 16, x.get(0, 2));
        assertEquals(1f, x.max(false).item());
        assertEquals(0f, x.min(false).item());
    }
}
