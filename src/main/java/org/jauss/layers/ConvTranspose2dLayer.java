package org.jauss.layers;

import java.util.Arrays;
import java.util.List;
import org.jauss.tensor.Padding;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Sliding;
import org.jauss.tensor.Tensor;
import org.jauss.tensor.WeightStandardization;
import org.jspecify.annotations.Nullable;

/**
 * Transposed convolution over an image, which with a stride makes it larger: what the gradient of a
 * {@link Conv2dLayer} does to that of its result, plus a bias. Also known as deconvolution. Stride, padding and dilation
 * are those of that convolution.
 *
 * <p><b>Shape:</b> {@code [N, H, W, in] -> [N, OH, OW, out]}, where OH is
 * {@code (H - 1) stride - before - after + (KH - 1) dilation + 1 + outputPadding}, or {@code H stride} with padding
 * "same". Defaults: stride 1, no padding, as in PyTorch and Keras; weight Glorot uniform and bias zero, as in Keras.
 *
 * @param weight {@code [KH, KW, out, in]}
 * @param bias {@code [out]}, or null for none
 * @param sliding stride, padding and dilation
 * @param outputPadding how much longer the result is at its end: one number for all axes or one for each
 * @param weightNorm a scalar, never trained: the norm to which {@link #withWeightStandardization} sets each filter, or
 *     null to use the weight as it is
 */
public record ConvTranspose2dLayer(
        Parameter weight,
        @Nullable Parameter bias,
        Sliding sliding,
        List<Integer> outputPadding,
        @Nullable Parameter weightNorm)
        implements Layer {
    /**
     * A layer that uses its weight as it is.
     *
     * @param weight {@code [KH, KW, out, in]}
     * @param bias {@code [out]}, or null for none
     * @param sliding stride, padding and dilation
     * @param outputPadding how much longer the result is at its end: one number for all axes or one for each
     */
    public ConvTranspose2dLayer(
            Parameter weight, @Nullable Parameter bias, Sliding sliding, List<Integer> outputPadding) {
        this(weight, bias, sliding, outputPadding, null);
    }

    /**
     * A layer.
     *
     * @param weight {@code [KH, KW, out, in]}
     * @param bias {@code [out]}, or null for none
     * @param sliding stride, padding and dilation
     * @param outputPadding how much longer the result is at its end: one number for all axes or one for each
     * @param weightNorm the norm of each filter, or null to use the weight as it is
     */
    public ConvTranspose2dLayer {
        outputPadding = List.copyOf(outputPadding);
    }

    /**
     * A layer with the defaults.
     *
     * @param in the number of channels
     * @param out the number of filters
     * @param kernel the length of the window, the same for both axes
     * @param rng the source of the weight
     * @return the layer
     */
    public static ConvTranspose2dLayer of(int in, int out, int kernel, Rng rng) {
        return of(in, out, new int[] {kernel, kernel}, Initializer.glorotUniform(), rng);
    }

    /**
     * A layer with any window and initialiser.
     *
     * @param in the number of channels
     * @param out the number of filters
     * @param kernel the lengths of the window, height and width
     * @param initializer draws the weight
     * @param rng the source of the weight
     * @return the layer
     * @throws IllegalArgumentException if a number is below 1
     */
    public static ConvTranspose2dLayer of(int in, int out, int[] kernel, Initializer initializer, Rng rng) {
        ConvParameters.requireAxes("convTranspose2d", 2, kernel);
        Shape shape = ConvParameters.weightShape("convTranspose2d", out, in, kernel, 1);
        return new ConvTranspose2dLayer(
                initializer.parameter(shape, rng), ConvParameters.bias(out), Sliding.of(), List.of(0));
    }

    /**
     * The same layer with another stride.
     *
     * @param stride one number for all axes, or one for each
     * @return the layer
     */
    public ConvTranspose2dLayer withStride(int... stride) {
        return new ConvTranspose2dLayer(weight, bias, sliding.withStride(stride), outputPadding, weightNorm);
    }

    /**
     * The same layer with another padding.
     *
     * @param padding the padding of the convolution, which makes the result smaller
     * @return the layer
     */
    public ConvTranspose2dLayer withPadding(Padding padding) {
        return new ConvTranspose2dLayer(weight, bias, sliding.withPadding(padding), outputPadding, weightNorm);
    }

    /**
     * The same layer with another dilation.
     *
     * @param dilation one number for all axes, or one for each
     * @return the layer
     */
    public ConvTranspose2dLayer withDilation(int... dilation) {
        return new ConvTranspose2dLayer(weight, bias, sliding.withDilation(dilation), outputPadding, weightNorm);
    }

    /**
     * The same layer with a longer result: several lengths lead to one when the stride of a convolution is above 1.
     *
     * @param numbers how much longer at the end, below stride or dilation: one number for all axes or one for each
     * @return the layer
     */
    public ConvTranspose2dLayer withOutputPadding(int... numbers) {
        return new ConvTranspose2dLayer(
                weight, bias, sliding, Arrays.stream(numbers).boxed().toList(), weightNorm);
    }

    /**
     * The same layer without bias.
     *
     * @return the layer
     */
    public ConvTranspose2dLayer withoutBias() {
        return new ConvTranspose2dLayer(weight, null, sliding, outputPadding, weightNorm);
    }

    /**
     * The same layer with weight standardisation, as {@link LinearLayer#withWeightStandardization} has it. A filter is
     * what leads to one feature of the result: all axes of the weight but the last but one.
     *
     * @return the layer
     */
    public ConvTranspose2dLayer withWeightStandardization() {
        Parameter norm = WeightStandardization.meanNorm(weight, -2);
        return new ConvTranspose2dLayer(weight, bias, sliding, outputPadding, norm);
    }

    Tensor filters(Tensor used) {
        return weightNorm == null
                ? used
                : ConvParameters.filters(used.transpose(-2, -1), weightNorm).transpose(-2, -1);
    }

    @Override
    public Tensor forward(Tensor x) {
        try {
            Tensor y = x.convTranspose(
                    filters(ConvParameters.use(x, weight)),
                    ConvParameters.used(x, bias),
                    sliding,
                    1,
                    PoolOptions.unboxed(outputPadding));
            return x.pass().observe(this, x, y);
        } catch (ShapeException e) {
            throw e.at("", this);
        }
    }

    @Override
    public String toString() {
        Shape shape = weight.shape();
        return ConvParameters.text(
                "ConvTranspose2dLayer",
                shape.dim(-1),
                shape.dim(-2),
                shape,
                sliding,
                bias != null,
                weightNorm != null,
                "");
    }
}
