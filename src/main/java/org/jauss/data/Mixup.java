package org.jauss.data;

import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Tensor;

/**
 * Mixup: every instance of a batch becomes {@code s x + (1 - s) x'}, its target {@code s t + (1 - s) t'}, where
 * {@code x'} is another instance of the batch at random and the share s, one for the batch, is drawn from
 * Beta(alpha, alpha) (Zhang et al., 2018). The loss takes the targets as distributions.
 *
 * <pre>{@code
 * var mixed = batches.map(new Mixup(.2, 10)::mix, rng);
 * }</pre>
 *
 * @param alpha how much is mixed, above 0: 1 makes all shares alike likely, less favours those near 0 and 1
 * @param classes the number of classes
 */
public record Mixup(double alpha, int classes) {
    /**
     * Checks the options.
     *
     * @param alpha how much is mixed, above 0: 1 makes all shares alike likely, less favours those near 0 and 1
     * @param classes the number of classes
     * @throws IllegalArgumentException if an option is outside its range
     */
    public Mixup {
        Mixing.requireOptions("Mixup", alpha, classes);
    }

    /**
     * Mixes the instances of a batch.
     *
     * @param batch the batch
     * @param rng the source from which the key of the choice is split
     * @return a copy, mixed, whose labels are the distributions {@code [N, classes]}
     * @throws IllegalArgumentException if a label is outside the range of the classes
     */
    public Batch<Tensor> mix(Batch<IntTensor> batch, Rng rng) {
        Rng key = rng.split();
        double share = Mixing.beta(alpha, key.split());
        int[] partners = key.split().permutation(batch.instances());
        Tensor targets = Mixing.targets("mixup", batch.labels(), partners, classes, share);
        Tensor others = batch.x().take(IntTensor.of(partners), 0);
        return new Batch<>(batch.x().mul((float) share).add(others.mul((float) (1 - share))), targets);
    }
}
