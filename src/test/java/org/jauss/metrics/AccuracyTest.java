package org.jauss.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;
import org.junit.jupiter.api.Test;

final class AccuracyTest {
    private static final Tensor LOGITS = Tensor.of(new float[][] {{1, 2, 0}, {5, -1, 4}, {0, 0, 3}, {7, 7, 1}});

    @Test
    void isTheShareOfRowsWhoseGreatestLogitIsThatOfTheLabel() {
        assertEquals(.75, Accuracy.of(LOGITS, IntTensor.of(1, 2, 2, 0)));
        assertEquals(0, Accuracy.of(LOGITS, IntTensor.of(0, 1, 0, 2)));
    }

    @Test
    void atATieTheFirstClassWins() {
        assertEquals(1, Accuracy.of(LOGITS, IntTensor.of(1, 0, 2, 0)));
        assertEquals(.75, Accuracy.of(LOGITS, IntTensor.of(1, 0, 2, 1)));
    }

    @Test
    void countsEveryRowOfEveryInstance() {
        assertEquals(.75, Accuracy.of(LOGITS.reshape(2, 2, 3), IntTensor.of(Shape.of(2, 2), 1, 2, 2, 0)));
    }

    @Test
    void isNotANumberWithoutRows() {
        assertEquals(Double.NaN, Accuracy.of(Tensor.zeros(0, 3), IntTensor.of()));
    }

    @Test
    void labelsMustFit() {
        var e = assertThrows(ShapeException.class, () -> Accuracy.of(LOGITS, IntTensor.of(1, 2)));
        assertEquals(
                "accuracy: labels do not fit the logits without their last axis: [2] and [4, 3] (2 != 4)",
                e.getMessage());
        e = assertThrows(ShapeException.class, () -> Accuracy.of(Tensor.scalar(1), IntTensor.of(1)));
        assertEquals(
                "accuracy: labels do not fit the logits without their last axis: [1] and [] (rank 1 != -1)",
                e.getMessage());
        e = assertThrows(ShapeException.class, () -> Accuracy.of(Tensor.zeros(2, 0), IntTensor.of(0, 0)));
        assertEquals("accuracy: there are no classes: [2, 0]", e.getMessage());
    }

    @Test
    void aLabelBeyondTheClassesIsAnError() {
        var e = assertThrows(IllegalArgumentException.class, () -> Accuracy.of(Tensor.zeros(2, 3), IntTensor.of(0, 3)));
        assertEquals("accuracy: label 3 at position 1 is outside [0, 3)", e.getMessage());
    }
}
