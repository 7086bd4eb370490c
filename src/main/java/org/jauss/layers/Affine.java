package org.jauss.layers;

import org.jauss.tensor.Parameter;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** The scale and the shift after a normalisation, either of which may be missing. */
final class Affine {
    private Affine() {}

    static @Nullable Tensor use(Pass pass, @Nullable Parameter parameter) {
        return parameter == null ? null : pass.use(parameter);
    }

    /** The number of features as scale and shift tell it: without them a layer takes any. */
    static String features(@Nullable Parameter scale, @Nullable Parameter shift) {
        Parameter known = scale == null ? shift : scale;
        return known == null ? "any" : known.shape().toString().replaceAll("[\\[\\]]", "");
    }

    static void requirePositive(String norm, float epsilon) {
        if (!(epsilon > 0 && epsilon < Float.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(norm + ": epsilon must be above 0, but is " + epsilon);
        }
    }
}
