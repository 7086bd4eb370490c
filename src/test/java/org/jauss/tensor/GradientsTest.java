package org.jauss.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class GradientsTest {
    private final Parameter weight = Parameter.full(Shape.of(2), 0);
    private final Parameter bias = Parameter.full(Shape.of(1), 0);
    private final Parameter statistic = Parameter.statistic(Shape.of(2), 0);

    private Gradients gradients() {
        return new Gradients().set(weight, 3, 4).set(statistic, 100, -100).set(bias, 12);
    }

    @Test
    void setCopies() {
        float[] array = {1, 2};
        var gradients = new Gradients().set(weight, array);
        array[0] = 9;
        assertArrayEquals(new float[] {1, 2}, gradients.of(weight));
        assertSame(gradients.of(weight), gradients.of(weight));
        assertTrue(gradients.contains(weight));
        assertFalse(gradients.contains(bias));
        assertEquals(List.of(weight, statistic, bias), List.copyOf(gradients().parameters()));
    }

    @Test
    void addition() {
        var sum = new Gradients().set(weight, 1, 1);
        sum.count(2, 1);
        var other = gradients();
        other.count(3, 1);
        assertSame(sum, sum.add(other));
        assertArrayEquals(new float[] {4, 5}, sum.of(weight));
        assertArrayEquals(new float[] {12}, sum.of(bias));
        assertEquals(5, sum.instances());
        assertNotSame(other.of(bias), sum.of(bias));
        assertArrayEquals(new float[] {3, 4}, other.of(weight));
        assertEquals("Gradients of 3 parameters, 5 elements, 5 instances", sum.toString());
    }

    @Test
    void whatIsAddedBehindTheCloseOfThePassIsNotOfItsArrays() {
        Gradients sum;
        try (var pass = Pass.training(Rng.of(1))) {
            sum = pass.backward(pass.use(weight).sum());
        }
        sum.add(new Gradients().set(bias, 12));
        for (int later = 0; later < 2; later++) {
            try (var pass = Pass.training(Rng.of(1))) {
                Tensor product = pass.use(bias).mul(7).add(1);
                pass.backward(product.mul(product).sum());
            }
        }
        assertArrayEquals(new float[] {12}, sum.of(bias));
        assertArrayEquals(new float[] {1, 1}, sum.of(weight));
    }

    @Test
    void aCopyIsItsOwn() {
        var original = gradients();
        original.count(3, 1);
        var copy = original.copy();
        copy.scale(2);
        assertEquals(3, copy.instances());
        assertArrayEquals(new float[] {6, 8}, copy.of(weight));
        assertArrayEquals(new float[] {3, 4}, original.of(weight));
    }

    @Test
    void scalingIncludesStatistics() {
        var gradients = gradients().scale(.5f);
        assertArrayEquals(new float[] {1.5f, 2}, gradients.of(weight));
        assertArrayEquals(new float[] {50, -50}, gradients.of(statistic));
    }

    @Test
    void theNormLeavesStatisticsOut() {
        assertEquals(13, gradients().norm());
        assertEquals(0, new Gradients().norm());
    }

    @Test
    void clippingByNorm() {
        var gradients = gradients();
        assertEquals(13, gradients.clipNorm(6.5));
        float factor = (float) (6.5 / (13 + 1e-6));
        assertArrayEquals(new float[] {3 * factor, 4 * factor}, gradients.of(weight));
        assertArrayEquals(new float[] {12 * factor}, gradients.of(bias));
        assertArrayEquals(new float[] {100, -100}, gradients.of(statistic));
        assertEquals(6.5, gradients.norm(), 6.5 * 1e-6); // the 1e-6 of the definition, and single precision
    }

    @Test
    void belowTheLimitNothingIsClipped() {
        var gradients = gradients();
        assertEquals(13, gradients.clipNorm(13.5));
        assertArrayEquals(new float[] {3, 4}, gradients.of(weight));
        assertEquals(0, new Gradients().set(weight, 0, 0).clipNorm(1));
    }

    @Test
    void clippingByValue() {
        var gradients = gradients().set(weight, -7, 2).clipValue(5);
        assertArrayEquals(new float[] {-5, 2}, gradients.of(weight));
        assertArrayEquals(new float[] {5}, gradients.of(bias));
        assertArrayEquals(new float[] {100, -100}, gradients.of(statistic));
        assertArrayEquals(
                new float[] {Float.NaN, 1},
                new Gradients().set(weight, Float.NaN, 1).clipValue(5).of(weight));
    }

    @ParameterizedTest
    @ValueSource(floats = {0, -1, Float.NaN})
    void limitsAreAboveZero(float limit) {
        var byNorm =
                assertThrows(IllegalArgumentException.class, () -> gradients().clipNorm(limit));
        assertEquals("clip by norm: the limit must be above 0, but is " + (double) limit, byNorm.getMessage());
        var byValue =
                assertThrows(IllegalArgumentException.class, () -> gradients().clipValue(limit));
        assertEquals("clip by value: the limit must be above 0, but is " + (double) limit, byValue.getMessage());
    }

    @Test
    void parametersAreAView() {
        assertThrows(
                UnsupportedOperationException.class,
                () -> gradients().parameters().clear());
    }
}
