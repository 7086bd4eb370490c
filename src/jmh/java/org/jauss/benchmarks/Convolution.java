package org.jauss.benchmarks;

import org.jauss.kernels.Epilogue;
import org.jauss.kernels.Kernels;
import org.jauss.kernels.Window;

/** A convolution and its gradients on arrays of normal numbers. */
final class Convolution {
    private final Window window;
    private final float[] x;
    private final float[] weight;
    private final float[] bias = new float[CnnConvolution.FILTERS];
    private final float[] y;
    private final float[] dy;
    private final float[] dx;
    private final float[] dWeight;

    Convolution(CnnConvolution shape) {
        window = shape.window();
        x = Inputs.normal(shape.inputs());
        weight = Inputs.normal(shape.weights());
        y = new float[shape.outputs()];
        dy = Inputs.normal(shape.outputs());
        dx = new float[shape.inputs()];
        dWeight = new float[shape.weights()];
    }

    float[] forward() {
        Kernels.active().convolve(window, x, 0, weight, 0, bias, 0, y, 0, false, Epilogue.NONE);
        return y;
    }

    float[] gradientToInput() {
        Kernels.active().convolveBackwardInput(window, dy, 0, weight, 0, dx, 0, false);
        return dx;
    }

    float[] gradientToWeight() {
        Kernels.active().convolveBackwardWeight(window, x, 0, dy, 0, dWeight, 0, false);
        return dWeight;
    }
}
