package org.jauss.kernels;

/** Dropout without a branch: the sign of a random number's difference to the limit goes over the bits of an element. */
final class ScalarDropout {
    /** The first numbers of the Weyl sequence. */
    private static final long[] WEYL = new long[Block.SIZE / 2 + 1];

    static {
        for (int i = 0; i < WEYL.length; i++) {
            WEYL[i] = i * Mix.GOLDEN_GAMMA;
        }
    }

    private ScalarDropout() {}

    /** {@code y (+)= x / (1 - rate)} of the elements that stay. */
    static void apply(
            long key, long first, float rate, int n, float[] x, int xo, float[] y, int yo, boolean accumulate) {
        float scale = 1 / (1 - rate);
        int limit = (int) (rate * 0x1p31f);
        Block block = Block.get();
        for (int i = 0; i < n; i += Block.SIZE) {
            int length = Math.min(Block.SIZE, n - i);
            int odd = (int) (first + i) & 1;
            mix((odd + length + 1) / 2, key + (((first + i) >>> 1) + 1) * Mix.GOLDEN_GAMMA, block.numbers);
            if (accumulate) {
                for (int j = 0; j < length; j++) {
                    y[yo + i + j] += kept(block.numbers, odd + j, limit, scale * x[xo + i + j]);
                }
            } else {
                for (int j = 0; j < length; j++) {
                    y[yo + i + j] = kept(block.numbers, odd + j, limit, scale * x[xo + i + j]);
                }
            }
        }
    }

    /** {@code numbers[i] = mix(start + i gamma)}. */
    private static void mix(int n, long start, long[] numbers) {
        for (int i = 0; i < n; i++) {
            numbers[i] = Mix.mix(start + WEYL[i]);
        }
    }

    private static float kept(long[] numbers, int i, int limit, float x) {
        int half = (int) (numbers[i >> 1] >>> (i << 5)) >>> 1; // a shift counts modulo 64
        int gone = (half - limit) >> 31;
        return Float.intBitsToFloat(Float.floatToRawIntBits(x) & ~gone);
    }
}
