package org.jauss.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a pass holds, when it gives it back, and what is computed in whose place. */
final class PassMemoryTest {
    private static final Tensor X = Tensor.of(new float[][] {{1, -2, 3}, {-4, 5, -6}});

    private final Parameter weight = Parameter.of(Shape.of(3, 2), 1, 2, -1, 1, 2, -2);
    private final Parameter bias = Parameter.of(Shape.of(2), .5f, -.5f);

    /** {@code X . weight + bias}. */
    private static final float[] PRODUCT = {9.5f, -6.5f, -20.5f, 8.5f};

    private Tensor linear(Pass pass) {
        return pass.input(X).linear(pass.use(weight), pass.use(bias));
    }

    @Test
    void currentAndPeakBytes() {
        try (var pass = Pass.training(Rng.of(1))) {
            assertEquals(new PassMemory(0, 0), pass.memory());
            Tensor x = pass.input(X);
            assertEquals(0, pass.memory().peakBytes(), "data is the user's");
            Tensor loss =
                    x.mul(pass.use(Parameter.full(Shape.of(2, 3), 2))).square().sum();
            assertEquals(4 * (6 + 6 + 1), pass.memory().currentBytes());
            pass.backward(loss);
            // The gradients of the activations have been and gone, one of six elements at a time; those of the
            // parameter
            // are not counted.
            assertEquals(new PassMemory(4 * 13, 4 * (13 + 6 + 1)), pass.memory());
        }
    }

    @Test
    void gradientsOutliveThePass() {
        Gradients gradients;
        try (var pass = Pass.training(Rng.of(1))) {
            gradients = pass.backward(linear(pass).sum());
        }
        float[] dWeight = gradients.of(weight).clone();
        assertArrayEquals(new float[] {-3, -3, 3, 3, -3, -3}, dWeight);
        try (var pass = Pass.training(Rng.of(1))) {
            assertNotSame(
                    gradients.of(weight), pass.backward(linear(pass).sum()).of(weight));
        }
        assertArrayEquals(dWeight, gradients.of(weight));
    }

    @Test
    void releasedGradientsGoToTheNextPass() {
        Gradients gradients;
        float[] array;
        try (var pass = Pass.training(Rng.of(1))) {
            gradients = pass.backward(linear(pass).sum());
            array = gradients.of(weight);
            gradients.release();
            assertSame(array, gradients.of(weight), "within the pass they can still be read");
        }
        String message = "these gradients were released, as an optimizer's step does, and their pass is closed: take a"
                + " copy() before";
        assertEquals(
                message,
                assertThrows(IllegalStateException.class, () -> gradients.of(weight))
                        .getMessage());
        assertThrows(IllegalStateException.class, gradients::norm);
        assertThrows(IllegalStateException.class, gradients::copy);
        assertThrows(IllegalStateException.class, () -> new Gradients().add(gradients));
        List<float[]> next = new ArrayList<>();
        try (var pass = Pass.training(Rng.of(1))) {
            for (int i = 0; i < 8; i++) {
                next.add(pass.array(6));
            }
        }
        assertTrue(next.stream().anyMatch(other -> other == array));
    }

    @Test
    void gatheredGradientsAreTheUsersOwn() {
        Gradients gathered = new Gradients();
        for (int i = 0; i < 2; i++) {
            try (var pass = Pass.training(Rng.of(1))) {
                pass.backward(linear(pass).sum(), 1, gathered);
            }
        }
        gathered.release();
        assertArrayEquals(new float[] {-6, -6, 6, 6, -6, -6}, gathered.of(weight));
        float[] array = gathered.of(weight);
        gathered.clear();
        assertEquals(0, gathered.parameters().size());
        assertEquals(0, gathered.instances());
        Arrays.fill(array, Float.NaN); // what is left from before must not matter
        try (var pass = Pass.training(Rng.of(1))) {
            pass.backward(linear(pass).sum(), 1, gathered);
        }
        assertSame(array, gathered.of(weight));
        assertArrayEquals(new float[] {-3, -3, 3, 3, -3, -3}, array);
    }

    @Test
    void aClearedGradientThatNothingReachesIsNone() {
        Gradients gathered = new Gradients();
        try (var pass = Pass.training(Rng.of(1))) {
            pass.backward(linear(pass).sum(), 1, gathered);
        }
        gathered.clear();
        try (var pass = Pass.training(Rng.of(1))) {
            pass.use(weight);
            pass.backward(pass.use(bias).sum(), 1, gathered);
        }
        assertEquals(List.of(bias), List.copyOf(gathered.parameters()));
    }

    // ---- Results that wait ----

    @Test
    void theActivationIsComputedInPlaceOfTheProduct() {
        try (var pass = Pass.training(Rng.of(1))) {
            Tensor product = linear(pass);
            assertEquals(0, pass.memory().peakBytes());
            Tensor y = product.relu();
            assertArrayEquals(new float[] {9.5f, 0, 0, 8.5f}, y.toArray());
            assertEquals(4 * 4, pass.memory().peakBytes());
        }
    }

    @Test
    void theProductCanBeReadAllTheSame() {
        try (var pass = Pass.training(Rng.of(1))) {
            Tensor product = linear(pass);
            Tensor y = product.relu();
            assertArrayEquals(new float[] {9.5f, 0, 0, 8.5f}, y.toArray());
            assertArrayEquals(PRODUCT, product.toArray());
            // d/dx of relu(x) + x, where x is used by both
            var gradients = pass.backward(y.add(product).sum());
            assertArrayEquals(new float[] {3, 3}, gradients.of(bias));
        }
    }

    @Test
    void whatNobodyReadBeforeBackwardCannotBeReadBehind() {
        try (var pass = Pass.training(Rng.of(1))) {
            Tensor product = linear(pass);
            pass.backward(product.relu().sum());
            var e = assertThrows(IllegalStateException.class, product::data);
            assertEquals(
                    "this tensor was not computed before backward, as nothing had asked for its elements: read it before"
                            + " backward",
                    e.getMessage());
            assertEquals("Tensor[2, 2] (no elements at hand) (tracked)", product.toString());
        }
    }

    @Test
    void inInferenceAWholeChainIsComputedInOnePlace() {
        float[] expected = linear(Tensor.scalar(0).pass()).gelu().mul(3).add(1).toArray();
        try (var pass = Pass.inference()) {
            Tensor y = linear(pass).gelu().mul(3).add(1);
            assertEquals(0, pass.memory().peakBytes());
            assertArrayEquals(expected, y.toArray());
            assertEquals(4 * 4, pass.memory().peakBytes());
        }
    }

    // ---- Recycling ----

    @Test
    void consumedResultsOfInferenceAreRecycled() {
        try (var pass = Pass.inference()) {
            Tensor x = pass.input(X);
            Tensor a = x.square();
            Tensor b = a.square();
            pass.consumed(a, b, x);
            assertEquals(4 * 6, pass.memory().currentBytes());
            var e = assertThrows(IllegalStateException.class, a::data);
            assertEquals(
                    "this tensor [2, 3] was recycled: within Sequential, what the next layer has taken is gone in"
                            + " inference; copy it with keep() inside of a layer",
                    e.getMessage());
            assertArrayEquals(new float[] {1, 16, 81, 256, 625, 1296}, b.toArray());
        }
    }

    @Test
    void whatWaitsKeepsWhatItNeeds() {
        try (var pass = Pass.inference()) {
            Tensor x = pass.input(X);
            Tensor a = x.mul(1);
            Tensor product = a.linear(pass.use(weight), pass.use(bias));
            pass.consumed(a, product, x);
            Tensor y = product.relu();
            pass.consumed(product, y, x);
            assertArrayEquals(new float[] {9.5f, 0, 0, 8.5f}, y.toArray());
            assertThrows(IllegalStateException.class, a::data);
            assertThrows(IllegalStateException.class, product::data);
            assertEquals(4 * 4, pass.memory().currentBytes());
        }
    }

    @Test
    void viewsAndWhatTheContainerWasGivenStay() {
        try (var pass = Pass.inference()) {
            Tensor given = pass.input(X).square();
            Tensor view = given.reshape(3, 2);
            Tensor y = view.square();
            pass.consumed(given, view, given);
            pass.consumed(view, y, given);
            assertArrayEquals(new float[] {1, 4, 9, 16, 25, 36}, given.toArray());
            Tensor flat = y.flatten(0);
            pass.consumed(y, flat, given);
            assertArrayEquals(new float[] {1, 16, 81, 256, 625, 1296}, flat.toArray());
            Tensor sum = flat.sum();
            pass.consumed(flat, sum, given);
            assertThrows(IllegalStateException.class, y::data);
            Tensor alias = sum.detach();
            pass.consumed(sum, alias, given);
            assertEquals(2275, alias.item());
        }
    }

    @Test
    void trainingAndObservedPassesKeepEverything() {
        try (var pass = Pass.training(Rng.of(1))) {
            Tensor x = pass.input(X);
            Tensor a = x.square();
            pass.consumed(a, a.square(), x);
            assertArrayEquals(new float[] {1, 4, 9, 16, 25, 36}, a.toArray());
        }
        try (var pass = Pass.observing((layer, x, y) -> {})) {
            Tensor x = pass.input(X);
            Tensor a = x.square();
            pass.consumed(a, a.square(), x);
            assertArrayEquals(new float[] {1, 4, 9, 16, 25, 36}, a.toArray());
        }
    }
}
