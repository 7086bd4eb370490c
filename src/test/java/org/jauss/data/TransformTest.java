package org.jauss.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Changes of inputs at random, and standardisation. */
final class TransformTest {
    private static final int H = 3;
    private static final int W = 4;
    private static final int C = 2;

    /** Each element is its position and 1, a view into a larger array. */
    private static Tensor image() {
        float[] data = new float[2 * H * W * C];
        for (int i = 0; i < data.length; i++) {
            data[i] = i - H * W * C + 1;
        }
        return Tensor.of(Shape.of(2, H, W, C), data).rows(1, 2).squeeze(0);
    }

    @Test
    void aCropIsAPartOfThePaddedImageAtAnyPlace() {
        var crop = new RandomCrop(2, 3, 2);
        Rng rng = Rng.of(1);
        var places = new HashSet<List<Integer>>();
        for (int round = 0; round < 500; round++) {
            Tensor part = crop.apply(image(), rng.split());
            assertEquals(Shape.of(2, 3, C), part.shape());
            int matches = 0;
            for (int top = -2; top <= H; top++) {
                for (int left = -2; left <= W - 1; left++) {
                    if (isAt(part, top, left)) {
                        matches++;
                        places.add(List.of(top, left));
                    }
                }
            }
            assertTrue(matches > 0, "a part of the image");
        }
        // Tops from -2 to 3 and lefts from -2 to 3: those with no pixel of the image all look alike, and count too.
        assertEquals(36, places.size());
    }

    private static boolean isAt(Tensor part, int top, int left) {
        for (int h = 0; h < 2; h++) {
            for (int w = 0; w < 3; w++) {
                for (int c = 0; c < C; c++) {
                    boolean inside = top + h >= 0 && top + h < H && left + w >= 0 && left + w < W;
                    if (part.get(h, w, c) != (inside ? image().get(top + h, left + w, c) : 0)) {
                        return false;
                    }
                }
            }
        }
        return true;
    }

    @Test
    void aCropOfTheWholeIsTheImage() {
        assertArrayEquals(
                image().toArray(),
                new RandomCrop(H, W, 0).apply(image(), Rng.of(1)).toArray());
    }

    @Test
    void aFlipSwapsLeftAndRightAsOftenAsWanted() {
        float[] flipped = new HorizontalFlip(1).apply(image(), Rng.of(1)).toArray();
        for (int h = 0; h < H; h++) {
            for (int w = 0; w < W; w++) {
                for (int c = 0; c < C; c++) {
                    assertEquals(image().get(h, W - 1 - w, c), flipped[(h * W + w) * C + c]);
                }
            }
        }
        Tensor image = image();
        assertSame(image, new HorizontalFlip(0).apply(image, Rng.of(1)));
        Rng rng = Rng.of(2);
        long flips = IntStream.range(0, 1000)
                .filter(i -> new HorizontalFlip(.3).apply(image, rng.split()) != image)
                .count();
        assertEquals(300, (double) flips, 60); // four standard deviations of 14.5
    }

    @Test
    void aCutoutSetsASquareToZero() {
        Rng rng = Rng.of(3);
        Set<Integer> sizes = new HashSet<>();
        for (int round = 0; round < 300; round++) {
            Tensor cut = new Cutout(3).apply(image(), rng.split());
            int zeros = 0;
            for (int i = 0; i < cut.size(); i++) {
                float value = cut.data()[i];
                zeros += value == 0 ? 1 : 0;
                assertTrue(value == 0 || value == i + 1, "all else stays");
            }
            sizes.add(zeros / C);
        }
        // The square is 3 x 3 in the middle, and 2 high or wide where an edge cuts it off.
        assertEquals(Set.of(4, 6, 9), sizes);
        assertEquals(1, image().get(0, 0, 0), "the image itself stays");
    }

    @Test
    void noiseHasItsDeviation() {
        float[] noise =
                new GaussianNoise(.5f).apply(Tensor.zeros(10_000), Rng.of(4)).toArray();
        double squares = 0;
        for (float value : noise) {
            squares += value * value;
        }
        assertEquals(.25, squares / noise.length, .25 * 4 * Math.sqrt(2. / noise.length)); // four standard deviations
    }

    @Test
    void oneAfterAnotherHaveRandomNumbersOfTheirOwn() {
        Transform add = (x, rng) -> x.add(rng.uniform(0));
        Transform multiply = (x, rng) -> x.mul(100 * rng.uniform(0));
        float x = add.then(multiply).apply(Tensor.of(1), Rng.of(5)).item();
        Rng rng = Rng.of(5);
        assertEquals(
                multiply.apply(add.apply(Tensor.of(1), rng.split()), rng.split())
                        .item(),
                x);
    }

    @Test
    void statisticsAreThoseOfAllElementsOfAFeature() {
        // 1,000 instances of 2 pixels, in more chunks than one, far from 0: what a sum of squares in floats cannot do.
        int n = 1000;
        float[] x = new float[n * 2 * 3];
        Rng rng = Rng.of(6);
        double[] mean = new double[3];
        double[] std = new double[3];
        for (int i = 0; i < x.length; i++) {
            x[i] = i % 3 == 2 ? .1f : (float) (1e5 * (i % 3) + (1 + i % 3) * rng.normal(i));
            mean[i % 3] += x[i] / (2. * n);
        }
        for (int i = 0; i < x.length; i++) {
            std[i % 3] += (x[i] - mean[i % 3]) * (x[i] - mean[i % 3]) / (2. * n);
        }
        var data = Dataset.of(Tensor.of(Shape.of(n, 2, 1, 3), x), IntTensor.of(new int[n]));
        Standardize standardize = Standardize.of(data);
        for (int j = 0; j < 3; j++) {
            assertEquals((float) mean[j], standardize.mean().get(j), Math.ulp((float) mean[j]));
            float expected = j == 2 ? 1 : (float) Math.sqrt(std[j]);
            assertEquals(expected, standardize.std().get(j), Math.ulp(expected), "a constant feature is not stretched");
        }
        Tensor z = data.map(standardize::apply).x();
        assertEquals((x[3] - standardize.mean().get(0)) / standardize.std().get(0), z.get(0, 1, 0, 0));
        assertEquals(0, z.get(999, 1, 0, 2), 1e-7); // .1 and its mean differ by a rounding at most
        assertArrayEquals(z.toArray(), standardize.apply(data.x()).toArray());
        assertArrayEquals(z.toArray(), data.map(standardize, Rng.of(1)).x().toArray());
    }

    @Test
    void wrongUseIsNamed() {
        Map.<String, Executable>of(
                        "RandomCrop: height must be at least 1, but is 0",
                        () -> new RandomCrop(0, 1, 0),
                        "RandomCrop: width must be at least 1, but is 0",
                        () -> new RandomCrop(1, 0, 0),
                        "RandomCrop: padding must be at least 0, but is -1",
                        () -> new RandomCrop(1, 1, -1),
                        "HorizontalFlip: the probability must be in [0, 1], but is NaN",
                        () -> new HorizontalFlip(Double.NaN),
                        "Cutout: the side must be at least 1, but is 0",
                        () -> new Cutout(0),
                        "GaussianNoise: std must be finite and at least 0, but is -1.0",
                        () -> new GaussianNoise(-1),
                        "standardize: each std must be above 0, but that of feature 1 is 0.0",
                        () -> new Standardize(Tensor.of(0, 0), Tensor.of(1, 0)),
                        "standardize: there are no elements to learn from",
                        () -> Standardize.of(DatasetTest.counted(0)),
                        "standardize: mean and std of feature 0 are not finite: NaN and NaN",
                        () -> Standardize.of(Dataset.of(Tensor.full(Float.NaN, 1, 1), IntTensor.of(1))))
                .forEach((message, call) -> assertEquals(
                        message,
                        assertThrows(IllegalArgumentException.class, call).getMessage()));
        Map.<String, Executable>of(
                        "crop: needs an image, [H, W, C]: [2, 3] (rank 2 != 3)",
                        () -> new RandomCrop(1, 1, 0).apply(Tensor.zeros(2, 3), Rng.of(1)),
                        "flip: needs an image, [H, W, C]: [2] (rank 1 != 3)",
                        () -> new HorizontalFlip(1).apply(Tensor.zeros(2), Rng.of(1)),
                        "cutout: needs an image, [H, W, C]: [] (rank 0 != 3)",
                        () -> new Cutout(1).apply(Tensor.scalar(1), Rng.of(1)),
                        "cutout: there are no pixels in [0, 2, 1]",
                        () -> new Cutout(1).apply(Tensor.zeros(0, 2, 1), Rng.of(1)),
                        "crop: 6 x 4 pixels do not fit into [3, 4, 2] with a margin of 1",
                        () -> new RandomCrop(6, 4, 1).apply(image(), Rng.of(1)),
                        "standardize: the last axis must have the 1 features: [3, 4, 2]",
                        () -> new Standardize(Tensor.of(0), Tensor.of(1)).apply(image()),
                        "standardize: needs mean and std for each feature, [C]: [1] and [2]",
                        () -> new Standardize(Tensor.of(0), Tensor.of(1, 1)))
                .forEach((message, call) -> assertEquals(
                        message, assertThrows(ShapeException.class, call).getMessage()));
    }
}
