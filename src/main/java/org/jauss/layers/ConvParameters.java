package org.jauss.layers;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Sliding;
import org.jauss.tensor.Tensor;
import org.jauss.tensor.WeightStandardization;
import org.jspecify.annotations.Nullable;

/** The parameters of convolutions: their shapes, their use and what messages show of them. */
final class ConvParameters {
    private ConvParameters() {}

    static void requireAxes(String op, int axes, int... kernel) {
        if (kernel.length != axes || Arrays.stream(kernel).anyMatch(k -> k < 1)) {
            throw new IllegalArgumentException(op + ": the window needs " + axes + (axes == 1 ? " length" : " lengths")
                    + " of at least 1, but is " + Arrays.toString(kernel));
        }
    }

    static Shape weightShape(String op, int in, int out, int[] kernel, int groups) {
        if (in < 1 || out < 1 || groups < 1 || in % groups != 0 || out % groups != 0) {
            throw new IllegalArgumentException(
                    op + ": channels must be at least 1 and multiples of the groups, but there" + " are " + in + " to "
                            + out + " in " + groups + (groups == 1 ? " group" : " groups"));
        }
        int[] dims = Arrays.copyOf(kernel, kernel.length + 2);
        dims[kernel.length] = in / groups;
        dims[kernel.length + 1] = out;
        return Shape.of(dims);
    }

    static Parameter bias(int out) {
        return Parameter.full(Shape.of(out), 0);
    }

    static Tensor forward(ConvLayer<?> layer, Tensor x) {
        try {
            Tensor filters = filters(use(x, layer.weight()), layer.weightNorm());
            Tensor y = x.conv(filters, used(x, layer.bias()), layer.sliding(), layer.groups());
            return x.pass().observe(layer, x, y);
        } catch (ShapeException e) {
            throw e.at("", layer);
        }
    }

    /** The weight as it is used: standardised to the given norm, or as it is if there is none. */
    static Tensor filters(Tensor weight, @Nullable Parameter norm) {
        return norm == null ? weight : WeightStandardization.of(weight, norm.data()[0]);
    }

    static Tensor use(Tensor x, Parameter parameter) {
        return x.pass().use(parameter);
    }

    static @Nullable Tensor used(Tensor x, @Nullable Parameter parameter) {
        return parameter == null ? null : use(x, parameter);
    }

    static String text(String name, ConvLayer<?> layer) {
        Shape shape = layer.weight().shape();
        int groups = layer.groups();
        String more = groups == 1 ? "" : ", " + groups + " groups";
        return text(name, shape.dim(-2) * groups, layer, more);
    }

    static String text(String name, int in, ConvLayer<?> layer, String more) {
        Shape shape = layer.weight().shape();
        boolean bias = layer.bias() != null;
        return text(name, in, shape.dim(-1), shape, layer.sliding(), bias, layer.weightNorm() != null, more);
    }

    /** Such as {@code Conv2dLayer[3 -> 64, 5x5, stride 2, no bias]}. */
    static String text(
            String name,
            int in,
            int out,
            Shape weight,
            Sliding sliding,
            boolean bias,
            boolean standardized,
            String more) {
        return name + "[" + in + " -> " + out + ", " + window(kernel(weight)) + options(sliding)
                + (bias ? "" : ", no bias") + more + (standardized ? ", weight standardization]" : "]");
    }

    static String options(Sliding sliding) {
        return sliding.equals(Sliding.of()) ? "" : ", " + sliding;
    }

    private static List<Integer> kernel(Shape weight) {
        return Arrays.stream(weight.dims()).limit(weight.rank() - 2L).boxed().toList();
    }

    static String window(List<Integer> kernel) {
        return kernel.stream().map(Object::toString).collect(Collectors.joining("x"));
    }
}
