package org.jauss.custom;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import org.jauss.tensor.Op;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** An op that a user defines in a package of their own, with the public API alone. */
final class CubeTest {
    /** {@code y = x^3 scale}, with the scale broadcast over x. */
    private record ScaledCube(Tensor x, Tensor scale) implements Op {
        static Tensor of(Tensor x, Tensor scale) {
            Pass pass = Pass.of(x, scale);
            float[] y = pass.allocate(x.size());
            float s = scale.item();
            for (int i = 0; i < y.length; i++) {
                float v = x.data()[x.offset() + i];
                y[i] = v * v * v * s;
            }
            return pass.record(new ScaledCube(x, scale), x.shape(), y, x, scale);
        }

        @Override
        public void backward(Tensor y) {
            float s = scale.item();
            for (int i = 0; i < x.size(); i++) {
                float v = x.data()[x.offset() + i];
                float dy = y.grad()[y.offset() + i];
                if (x.tracked()) {
                    x.grad()[x.offset() + i] += 3 * v * v * s * dy;
                }
                if (scale.tracked()) {
                    scale.grad()[scale.offset()] += v * v * v * dy;
                }
            }
        }
    }

    private final Parameter x = Parameter.of(Shape.of(2, 3), 1, -2, 3, .5f, -1.5f, 2.5f);
    private final Parameter scale = Parameter.of(Shape.of(2), 9, .5f);

    /** The op on views, followed and preceded by ops of the library. */
    private Tensor loss(Pass pass) {
        Tensor rows = pass.use(x).rows(1, 2).add(1);
        return ScaledCube.of(rows.reshape(3), pass.use(scale).rows(1, 2))
                .square()
                .sum();
    }

    @Test
    void gradient() {
        try (var pass = Pass.training(Rng.of(1))) {
            var gradients = pass.backward(loss(pass));
            // (v^3 s)^2 with v = x + 1: derivatives 6 v^5 s^2 and 2 s v^6
            float[] dx = new float[6];
            double ds = 0;
            for (int i = 3; i < 6; i++) {
                double v = x.data()[i] + 1;
                dx[i] = (float) (6 * Math.pow(v, 5) * .25);
                ds += Math.pow(v, 6);
            }
            assertArrayEquals(dx, gradients.of(x), 1e-3f); // magnitudes up to 800, single precision
            assertArrayEquals(new float[] {0, (float) ds}, gradients.of(scale), 1e-2f); // up to 1900
        }
    }

    @Test
    void centralDifferences() {
        float step = 0x1p-7f;
        float[] gradient;
        try (var pass = Pass.training(Rng.of(1))) {
            gradient = pass.backward(loss(pass)).of(x);
        }
        for (int i = 0; i < 6; i++) {
            float value = x.data()[i];
            x.data()[i] = value + step;
            float above = inferred();
            x.data()[i] = value - step;
            float below = inferred();
            x.data()[i] = value;
            // Off by step^2 / 6 times the third derivative, 120 v^3 / 4 < 1300, and by rounding: 500 2^-22 / step.
            assertEquals((above - below) / (2 * step), gradient[i], .03, "element " + i);
        }
    }

    private float inferred() {
        try (var pass = Pass.inference()) {
            return loss(pass).item();
        }
    }

    @Test
    void nothingIsRecordedOutsideTraining() {
        Tensor y = ScaledCube.of(Tensor.of(2, 3), Tensor.scalar(1));
        assertArrayEquals(new float[] {8, 27}, y.toArray());
        assertFalse(y.tracked());
    }

    @Test
    void frozenInputsAreLeftAlone() {
        scale.freeze();
        try (var pass = Pass.training(Rng.of(1))) {
            assertFalse(pass.backward(loss(pass)).contains(scale));
        }
    }
}
