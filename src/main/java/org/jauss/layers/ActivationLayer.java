package org.jauss.layers;

import java.util.function.UnaryOperator;
import org.jauss.tensor.Tensor;

/**
 * An element-wise function as a layer that knows its name. The formulas are those of the methods of {@link Tensor}.
 *
 * <p><b>Shape:</b> any, unchanged.
 *
 * @param name the name, for messages and summaries
 * @param function the function
 */
public record ActivationLayer(String name, UnaryOperator<Tensor> function) implements Layer {
    /**
     * {@code max(x, 0)}.
     *
     * @return the layer
     */
    public static ActivationLayer relu() {
        return new ActivationLayer("relu", Tensor::relu);
    }

    /**
     * {@code x} above 0, else {@code slope x}.
     *
     * @param slope the slope below 0; PyTorch's default is .01, Keras's .3
     * @return the layer
     */
    public static ActivationLayer leakyRelu(float slope) {
        return new ActivationLayer("leakyRelu(" + slope + ")", x -> x.leakyRelu(slope));
    }

    /**
     * {@code x} above 0, else {@code alpha (e^x - 1)}.
     *
     * @param alpha minus the limit for small x; 1 by default elsewhere
     * @return the layer
     */
    public static ActivationLayer elu(float alpha) {
        return new ActivationLayer("elu(" + alpha + ")", x -> x.elu(alpha));
    }

    /**
     * Hyperbolic tangent.
     *
     * @return the layer
     */
    public static ActivationLayer tanh() {
        return new ActivationLayer("tanh", Tensor::tanh);
    }

    /**
     * {@code 1 / (1 + e^-x)}.
     *
     * @return the layer
     */
    public static ActivationLayer sigmoid() {
        return new ActivationLayer("sigmoid", Tensor::sigmoid);
    }

    /**
     * {@code log(1 + e^x)}.
     *
     * @return the layer
     */
    public static ActivationLayer softplus() {
        return new ActivationLayer("softplus", Tensor::softplus);
    }

    /**
     * {@code x sigmoid(x)}, also known as swish.
     *
     * @return the layer
     */
    public static ActivationLayer silu() {
        return new ActivationLayer("silu", Tensor::silu);
    }

    /**
     * {@code x Phi(x)}.
     *
     * @return the layer
     */
    public static ActivationLayer gelu() {
        return new ActivationLayer("gelu", Tensor::gelu);
    }

    /**
     * {@code x tanh(softplus(x))}.
     *
     * @return the layer
     */
    public static ActivationLayer mish() {
        return new ActivationLayer("mish", Tensor::mish);
    }

    /**
     * {@code x clamp(x + 3, 0, 6) / 6}.
     *
     * @return the layer
     */
    public static ActivationLayer hardswish() {
        return new ActivationLayer("hardswish", Tensor::hardswish);
    }

    @Override
    public Tensor forward(Tensor x) {
        return x.pass().observe(this, x, function.apply(x));
    }

    @Override
    public String toString() {
        return "ActivationLayer[" + name + "]";
    }
}
