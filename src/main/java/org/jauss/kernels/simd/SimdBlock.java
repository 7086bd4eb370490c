package org.jauss.kernels.simd;

/**
 * The elements that a {@link Pass} works on, and arrays of one thread for what passes leave to one another. They are
 * small enough to stay in the first-level cache.
 */
final class SimdBlock {
    /** The most elements of a block, a multiple of every vector's length. */
    static final int SIZE = 512;

    private static final ThreadLocal<SimdBlock> OF_THREAD = ThreadLocal.withInitial(SimdBlock::new);

    private static final float[] NOTHING = {};

    /** The number of elements, a multiple of the vectors' length. */
    int n;

    /** The function's constants. */
    float p;

    float q;

    /** Arguments of the function. */
    float[] x = NOTHING;

    int xo;

    /** Values of the function. */
    float[] y = NOTHING;

    int yo;

    /** An exponential or a logarithm on its way: the exponent, and the rest. Powers go through half a vector more. */
    final float[] exponent = new float[SIZE + Lanes.COUNT];

    final float[] rest = new float[SIZE + Lanes.COUNT];

    /** What rounding took from the argument of an exponential. */
    final float[] lost = new float[SIZE + Lanes.COUNT];

    /** Values of an inner function. */
    final float[] inner = new float[SIZE + Lanes.COUNT];

    final float[] derivative = new float[SIZE];

    /** The last elements of an array, which are fewer than a vector's. */
    final float[] lastX = new float[Lanes.COUNT];

    final float[] lastY = new float[Lanes.COUNT];

    private SimdBlock() {}

    static SimdBlock get() {
        return OF_THREAD.get();
    }

    /** Forgets the arrays of the caller, which would otherwise live as long as the thread. */
    void release() {
        x = NOTHING;
        y = NOTHING;
    }

    /** Runs passes over the block. */
    void run(Pass[] passes) {
        for (Pass pass : passes) {
            pass.over(this);
        }
    }
}
