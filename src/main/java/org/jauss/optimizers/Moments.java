package org.jauss.optimizers;

import java.util.List;

/** The sweep that Adam and AdamW share. */
final class Moments {
    private Moments() {}

    static List<String> slots(boolean amsgrad) {
        return amsgrad
                ? List.of("average", "squareAverage", "greatestSquareAverage")
                : List.of("average", "squareAverage");
    }

    /** What turns an average that started at 0 into an unbiased one. */
    static double correction(float beta, long step) {
        return 1 - Math.pow(beta, step + 1.0);
    }

    /** {@code decay} times the value is added to the gradient; {@code shrink} is a factor on the value itself. */
    static void update(
            int from,
            int to,
            float[] value,
            float[] gradient,
            float[][] slots,
            long step,
            float rate,
            float beta1,
            float beta2,
            float epsilon,
            boolean amsgrad,
            float decay,
            float shrink) {
        float[] average = slots[0];
        float[] square = slots[1];
        float new1 = 1 - beta1;
        float new2 = 1 - beta2;
        float scale = (float) (rate / correction(beta1, step));
        float root = (float) (1 / Math.sqrt(correction(beta2, step)));
        if (amsgrad) {
            float[] greatest = slots[2];
            for (int i = from; i < to; i++) {
                float g = gradient[i] + decay * value[i];
                float m = beta1 * average[i] + new1 * g;
                float v = beta2 * square[i] + new2 * g * g;
                float top = Math.max(greatest[i], v);
                average[i] = m;
                square[i] = v;
                greatest[i] = top;
                value[i] = value[i] * shrink - scale * m / ((float) Math.sqrt(top) * root + epsilon);
            }
        } else {
            for (int i = from; i < to; i++) {
                float g = gradient[i] + decay * value[i];
                float m = beta1 * average[i] + new1 * g;
                float v = beta2 * square[i] + new2 * g * g;
                average[i] = m;
                square[i] = v;
                value[i] = value[i] * shrink - scale * m / ((float) Math.sqrt(v) * root + epsilon);
            }
        }
    }
}
