package org.jauss.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ParameterTest {
    @Test
    void valuesAreSharedButTheirTensorIsACopy() {
        float[] data = {1, 2};
        var parameter = Parameter.of(Shape.of(2), data);
        assertSame(data, parameter.data());
        Tensor value = parameter.value();
        parameter.set(5, 6);
        assertArrayEquals(new float[] {5, 6}, data);
        assertArrayEquals(new float[] {1, 2}, value.toArray());
        try (var pass = Pass.inference()) {
            assertSame(data, pass.use(parameter).data());
        }
    }

    @Test
    void setTakesAllValues() {
        var thrown = assertThrows(
                ShapeException.class, () -> Parameter.full(Shape.of(2, 2), 0).set(1));
        assertEquals("parameter: 1 values for shape [2, 2] (4 elements)", thrown.getMessage());
    }

    @Test
    void identity() {
        assertNotEquals(Parameter.full(Shape.of(1), 0), Parameter.full(Shape.of(1), 0));
    }

    @Test
    void freezing() {
        var parameter = Parameter.full(Shape.of(2), 3);
        assertTrue(parameter.trainable());
        parameter.freeze();
        assertFalse(parameter.trainable());
        assertEquals("Parameter[2] (frozen)", parameter.toString());
        parameter.unfreeze();
        assertTrue(parameter.trainable());
        assertEquals("Parameter[2]", parameter.toString());
    }

    @Test
    void statistics() {
        Update update = (value, gradient, instances) -> {};
        var plain = Parameter.statistic(Shape.of(2), .5f);
        var own = Parameter.statistic(Shape.of(2), .5f, update);
        assertTrue(plain.isStatistic() && own.isStatistic());
        assertFalse(plain.weightDecay() || own.weightDecay());
        assertEquals(Optional.empty(), plain.update());
        assertEquals(Optional.of(update), own.update());
        assertArrayEquals(new float[] {.5f, .5f}, own.data());
        assertEquals("Parameter[2] (statistic)", own.toString());
        assertFalse(Parameter.full(Shape.of(1), 0).isStatistic());
    }

    @Test
    void optimiserSettings() {
        var parameter = Parameter.full(Shape.of(1), 0);
        assertTrue(parameter.weightDecay());
        assertFalse(parameter.withoutWeightDecay().weightDecay());
        assertEquals(1, parameter.learningRateMultiplier());
        assertEquals(.5f, parameter.withLearningRateMultiplier(.5f).learningRateMultiplier());
    }

    @ParameterizedTest
    @ValueSource(floats = {-.1f, Float.NaN})
    void multipliersAreNotNegative(float multiplier) {
        var parameter = Parameter.full(Shape.of(1), 0);
        var thrown =
                assertThrows(IllegalArgumentException.class, () -> parameter.withLearningRateMultiplier(multiplier));
        assertEquals("learning-rate multiplier must be at least 0, but is " + multiplier, thrown.getMessage());
    }
}
