package org.jauss.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** Attention that takes its queries in several blocks, against the ops that it is made of, forward and backward. */
final class AttentionBlocksTest {
    private static final int MATRICES = 3;
    private static final int WIDTH = 12;
    private static final int DEPTH = 20;

    // Both are sums of some hundred terms below 1 in single precision, in another order.
    private static final float TOLERANCE = 2e-5f;

    private final Random random = new Random(3);

    private Parameter normal(int rows, int columns) {
        float[] values = new float[MATRICES * rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Parameter.of(Shape.of(MATRICES, rows, columns), values);
    }

    /** The result and the gradients of queries, keys and values, for a loss that weights all elements differently. */
    private record Outcome(float[] y, float[] dq, float[] dk, float[] dv) {
        interface Attention {
            Tensor of(Tensor q, Tensor k, Tensor v);
        }

        static Outcome of(Parameter q, Parameter k, Parameter v, Tensor factors, Attention attention) {
            try (var pass = Pass.training(Rng.of(1))) {
                Tensor y = attention.of(pass.use(q), pass.use(k), pass.use(v));
                float[] result = y.toArray();
                Gradients gradients = pass.backward(y.mul(factors).sum());
                return new Outcome(
                        result,
                        gradients.of(q).clone(),
                        gradients.of(k).clone(),
                        gradients.of(v).clone());
            }
        }
    }

    /** What a query sees as 1 and 0, for each matrix. */
    private static Tensor visible(int queries, int keys, AttentionOptions options) {
        IntTensor mask = options.mask();
        float[] seen = new float[MATRICES * queries * keys];
        for (int i = 0; i < seen.length; i++) {
            int query = i / keys % queries;
            int key = i % keys;
            boolean early = !options.causal() || key <= query;
            seen[i] = early && (mask == null || mask.at(i) != 0) ? 1 : 0;
        }
        return Tensor.of(Shape.of(MATRICES, queries, keys), seen);
    }

    private void check(int queries, int keys, AttentionOptions options) {
        Parameter q = normal(queries, WIDTH);
        Parameter k = normal(keys, WIDTH);
        Parameter v = normal(keys, DEPTH);
        Tensor factors = normal(queries, DEPTH).value();
        Tensor visible = visible(queries, keys, options);
        Tensor hidden = visible.add(-1).mul(1e4f); // e^-10000 is 0
        float scale = (float) (1 / Math.sqrt(WIDTH));
        Outcome expected = Outcome.of(
                q,
                k,
                v,
                factors,
                (a, b, c) -> a.matmul(false, b, true)
                        .mul(scale)
                        .add(hidden)
                        .softmax(-1)
                        .mul(visible) // for queries that see nothing
                        .matmul(c));
        Outcome actual = Outcome.of(q, k, v, factors, (a, b, c) -> Tensor.scaledDotProductAttention(a, b, c, options));
        String what = queries + " queries, " + keys + " keys, causal " + options.causal() + ": ";
        assertArrayEquals(expected.y, actual.y, TOLERANCE, what + "result");
        assertArrayEquals(expected.dq, actual.dq, TOLERANCE, what + "gradient of the queries");
        assertArrayEquals(expected.dk, actual.dk, TOLERANCE, what + "gradient of the keys");
        assertArrayEquals(expected.dv, actual.dv, TOLERANCE, what + "gradient of the values");
    }

    private IntTensor mask(int queries, int keys) {
        int[] values = new int[MATRICES * queries * keys];
        for (int i = 0; i < values.length; i++) {
            boolean blind = i / keys % 50 == 7; // a query that sees nothing
            values[i] = blind || random.nextInt(3) == 0 ? 0 : 1;
        }
        return IntTensor.of(Shape.of(MATRICES, queries, keys), values);
    }

    @Test
    void everyQuerySeesEveryKey() {
        AttentionOptions plain = AttentionOptions.defaults();
        check(65, 65, plain);
        check(150, 37, plain);
        check(130, 200, plain);
    }

    @Test
    void causalQueriesSeeNoLaterKey() {
        AttentionOptions causal = AttentionOptions.defaults().withCausal();
        check(150, 150, causal);
        check(128, 90, causal);
        check(70, 200, causal); // the last keys are seen by none
    }

    @Test
    void masksHideKeysInEveryBlock() {
        AttentionOptions plain = AttentionOptions.defaults();
        check(150, 70, plain.withMask(mask(150, 70)));
        check(150, 150, plain.withCausal().withMask(mask(150, 150)));
    }
}
