package org.jauss.layers;

import java.util.List;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Tensor;

/**
 * A way to normalise, as an argument of the code that builds a model: the one place in which a model's normalisation is
 * swapped for another. Any method that makes a layer for a number of channels will do, such as
 * {@code channels -> LayerNormLayer.of(channels, 1e-6f)}.
 *
 * <pre>{@code
 * static Sequential mlp(Normalization normalization, Rng rng) {
 *     var layers = new ArrayList<>(normalization.input(64));
 *     layers.addAll(normalization.hidden(LinearLayer.of(64, 48, rng), ActivationLayer.relu()));
 *     layers.add(LinearLayer.of(48, 10, rng));
 *     return new Sequential(layers);
 * }
 * }</pre>
 */
@FunctionalInterface
public interface Normalization {
    /**
     * A new layer.
     *
     * @param channels the number of features that it normalises
     * @return the layer
     * @throws IllegalArgumentException if it cannot normalise so many
     */
    Layer of(int channels);

    /**
     * Whether its place is on the input of a model and after each activation, or else before each activation.
     *
     * @return false by default
     */
    default boolean isAfterActivation() {
        return false;
    }

    /**
     * Whether it takes away what a bias right before it adds, so that there is no use in one.
     *
     * @return false by default
     */
    default boolean removesBias() {
        return false;
    }

    /**
     * What comes before the first layer of a model.
     *
     * @param channels the number of features of the input
     * @return the normalisation if its place is there, or nothing
     */
    default List<Layer> input(int channels) {
        return isAfterActivation() ? List.of(of(channels)) : List.of();
    }

    /**
     * A hidden layer with its activation and the normalisation at its place. A bias that the normalisation would take
     * away is left out.
     *
     * @param linear the layer
     * @param activation its activation
     * @return the layers, in order
     */
    default List<Layer> hidden(LinearLayer linear, Layer activation) {
        return hidden(linear, linear.withoutBias(), linear.weight(), activation);
    }

    /**
     * A convolution with its activation and the normalisation at its place. A bias that the normalisation would take away
     * is left out.
     *
     * @param convolution the layer
     * @param activation its activation
     * @return the layers, in order
     */
    default List<Layer> hidden(ConvLayer<?> convolution, Layer activation) {
        return hidden(convolution, convolution.withoutBias(), convolution.weight(), activation);
    }

    /**
     * The same way with weight standardisation of all hidden layers: with any normalisation, or none, their filters keep
     * mean 0 and their norm. On small networks of convolutions this gained more than the choice of the normalisation.
     *
     * @return the way
     */
    default Normalization withWeightStandardization() {
        return new StandardizedNormalization(this);
    }

    private List<Layer> hidden(Layer layer, Layer withoutBias, Parameter weight, Layer activation) {
        Layer norm = of(weight.shape().dim(-1));
        if (norm instanceof IdentityLayer) {
            return List.of(layer, activation);
        }
        return isAfterActivation()
                ? List.of(layer, activation, norm)
                : List.of(removesBias() ? withoutBias : layer, norm, activation);
    }

    /**
     * No normalisation: {@link IdentityLayer}.
     *
     * @return the way
     */
    static Normalization none() {
        return new NamedNormalization("none", channels -> new IdentityLayer(), false, false);
    }

    /**
     * {@link BatchNormLayer} with its defaults.
     *
     * @return the way
     */
    static Normalization batch() {
        return new NamedNormalization("batch", BatchNormLayer::of, false, true);
    }

    /**
     * {@link BatchRenormLayer} with its defaults.
     *
     * @return the way
     */
    static Normalization batchRenorm() {
        return new NamedNormalization("batchRenorm", BatchRenormLayer::of, false, true);
    }

    /**
     * {@link LayerNormLayer} with its defaults.
     *
     * @return the way
     */
    static Normalization layer() {
        return new NamedNormalization("layer", LayerNormLayer::of, false, false);
    }

    /**
     * {@link RmsNormLayer} with its defaults.
     *
     * @return the way
     */
    static Normalization rms() {
        return new NamedNormalization("rms", RmsNormLayer::of, false, false);
    }

    /**
     * {@link GroupNormLayer} with its defaults.
     *
     * @param groups the number of groups, into which the channels of every layer have to divide
     * @return the way
     */
    static Normalization group(int groups) {
        return new NamedNormalization(
                "group(" + groups + ")", channels -> GroupNormLayer.of(groups, channels), false, false);
    }

    /**
     * {@link InstanceNormLayer} with its defaults, for inputs that have positions.
     *
     * @return the way
     */
    static Normalization instance() {
        return new NamedNormalization("instance", InstanceNormLayer::of, false, true);
    }

    /**
     * {@link GaussianNormLayer} with the recommended options.
     *
     * @return the way
     */
    static Normalization gaussian() {
        return gaussian(GaussianNormOptions.robust());
    }

    /**
     * {@link GaussianNormLayer}, its place being the input and after each activation; with a
     * {@linkplain GaussianNormOptions#withProjection projection} the input and before each activation.
     *
     * @param options the options
     * @return the way
     */
    static Normalization gaussian(GaussianNormOptions options) {
        return new GaussianNormalization(options);
    }

    /**
     * Sets the statistics that the normalisations of a trained model have learned or averaged ({@link GaussianNormLayer},
     * {@link BatchNormLayer}, {@link BatchRenormLayer}) to those of given instances, as the model sees them in use: layer
     * by layer in order of execution, each one seeing the layers before it already set. Learned ones follow the weights
     * at a distance, and belong to a network that drops units; in use it drops none (Li et al., arXiv 1801.05134). Wu
     * &amp; Johnson, arXiv 2105.07576, call that PreciseBN. Of batch norm it is the running averages that are set, of
     * Gaussian norm what {@link GaussianNormLayer#initialize(Layer, Iterable)} sets. Nothing else changes.
     *
     * @param model any model
     * @param batches inputs of the model, together some 500 instances or more; walked through once for each layer
     * @return the number of layers that were set
     * @throws IllegalArgumentException if there are no instances, the batches can be walked through only once, a layer
     *     sees values that are not finite, or batch norm a single row
     */
    static int measure(Layer model, Iterable<Tensor> batches) {
        return Measurement.of("measure", model, batches, Measurement::hasStatistics);
    }
}
