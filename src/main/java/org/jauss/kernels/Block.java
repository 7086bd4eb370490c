package org.jauss.kernels;

/**
 * Arrays of one thread for a block of elements: what the plain-Java kernels copy elements into, and what they keep
 * between their passes over it. All passes use one index from 0, which is what lets C2 turn them into vector
 * instructions whatever the offsets of the caller's arrays, and a block stays in the first-level cache.
 */
final class Block {
    /** Elements of a block. */
    static final int SIZE = 512;

    private static final ThreadLocal<Block> OF_THREAD = ThreadLocal.withInitial(Block::new);

    /** Arguments. */
    final float[] x = new float[SIZE];

    /** Results. */
    final float[] y = new float[SIZE];

    /** Derivatives. */
    final float[] derivative = new float[SIZE];

    /** Gradients of results, and of arguments. */
    final float[] dy = new float[SIZE];

    final float[] dx = new float[SIZE];

    /** What {@link ScalarMath} needs within one function. */
    final float[] first = new float[SIZE];

    final float[] second = new float[SIZE];

    /** What a function of several steps needs in between. */
    final float[] inner = new float[SIZE];

    /** What rounding took from the argument of an exponential. */
    final float[] lost = new float[SIZE];

    /** Powers need more digits. */
    final double[] firstDoubles = new double[SIZE];

    final double[] secondDoubles = new double[SIZE];

    /** Random numbers. */
    final long[] numbers = new long[SIZE / 2 + 1];

    private Block() {}

    static Block get() {
        return OF_THREAD.get();
    }
}
