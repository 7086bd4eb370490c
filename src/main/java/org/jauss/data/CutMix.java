package org.jauss.data;

import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;

/**
 * CutMix: in every image of a batch a rectangle, the same for the batch, is replaced by that of another image of the
 * batch at random; the targets are mixed by area (Yun et al., 2019). The rectangle has the proportions of the image and
 * its centre anywhere, and is cut off at the edges. Its area before that, as a share of the image, is drawn from
 * Beta(alpha, alpha).
 *
 * <p><b>Shape:</b> images {@code [N, H, W, C]}, unchanged.
 *
 * @param alpha how the areas are spread, above 0: 1, the paper's, makes all alike likely
 * @param classes the number of classes
 */
public record CutMix(double alpha, int classes) {
    /**
     * Checks the options.
     *
     * @param alpha how the areas are spread, above 0: 1, the paper's, makes all alike likely
     * @param classes the number of classes
     * @throws IllegalArgumentException if an option is outside its range
     */
    public CutMix {
        Mixing.requireOptions("CutMix", alpha, classes);
    }

    /**
     * Mixes the images of a batch.
     *
     * @param batch the batch
     * @param rng the source from which the key of the choice is split
     * @return a copy, mixed, whose labels are the distributions {@code [N, classes]}
     * @throws ShapeException if the instances are no images
     * @throws IllegalArgumentException if a label is outside the range of the classes
     */
    public Batch<Tensor> mix(Batch<IntTensor> batch, Rng rng) {
        Shape shape = batch.x().shape();
        if (shape.rank() != 4) {
            throw new ShapeException(
                    "cutmix: needs images, [N, H, W, C]: " + shape + " (rank " + shape.rank() + " != 4)");
        }
        Rng key = rng.split();
        double side = Math.sqrt(1 - Mixing.beta(alpha, key.split()));
        int[] partners = key.split().permutation(batch.instances());
        Rng centre = key.split();
        int height = shape.dim(1);
        int width = shape.dim(2);
        int top = start(height, side, centre.uniform(0));
        int bottom = end(height, side, centre.uniform(0));
        int left = start(width, side, centre.uniform(1));
        int right = end(width, side, centre.uniform(1));
        double area = (double) (bottom - top) * (right - left);
        double share = area == 0 ? 1 : 1 - area / ((double) height * width);
        Tensor targets = Mixing.targets("cutmix", batch.labels(), partners, classes, share);

        float[] from = batch.x().data();
        float[] mixed = batch.x().toArray();
        int channels = shape.dim(3);
        for (int n = 0; n < partners.length; n++) {
            for (int h = top; h < bottom; h++) {
                int row = (h * width + left) * channels;
                System.arraycopy(
                        from,
                        batch.x().offset() + partners[n] * height * width * channels + row,
                        mixed,
                        n * height * width * channels + row,
                        (right - left) * channels);
            }
        }
        return new Batch<>(Tensor.of(shape, mixed), targets);
    }

    private static int start(int length, double side, float centre) {
        return Math.max(0, (int) (centre * length) - (int) (side * length) / 2);
    }

    private static int end(int length, double side, float centre) {
        return Math.min(length, (int) (centre * length) - (int) (side * length) / 2 + (int) (side * length));
    }
}
