package org.jauss.tensor;

import java.util.Arrays;
import org.jauss.kernels.Resampling;

/** Where the elements of a tensor of another resolution come from. */
public enum Interpolation {
    /** From the position {@code floor(o input / output)}. */
    NEAREST {
        @Override
        Resampling.Axis axis(int input, int output) {
            int[] at = new int[output];
            Arrays.setAll(at, o -> (int) ((long) o * input / output));
            return new Resampling.Axis(input, at, at, new float[output]);
        }
    },

    /**
     * From the two positions around {@code (o + 1/2) input / output - 1/2}, the nearer the more; over two axes from
     * four. The corners of the image stay where they are, not the centres of the outermost elements:
     * {@code align_corners=False} in PyTorch.
     */
    BILINEAR {
        @Override
        Resampling.Axis axis(int input, int output) {
            int[] low = new int[output];
            int[] high = new int[output];
            float[] share = new float[output];
            for (int o = 0; o < output; o++) {
                double at = Math.max(0, (o + .5) * input / output - .5);
                low[o] = Math.min(input - 1, (int) at);
                high[o] = Math.min(input - 1, low[o] + 1);
                share[o] = (float) (at - low[o]);
                if (share[o] == 0) {
                    high[o] = low[o];
                }
            }
            return new Resampling.Axis(input, low, high, share);
        }
    };

    abstract Resampling.Axis axis(int input, int output);
}
