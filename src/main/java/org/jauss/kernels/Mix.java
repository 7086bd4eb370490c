package org.jauss.kernels;

/**
 * The random numbers of the library: the finaliser of SplitMix64 (Steele, Lea &amp; Flood, 2014) on a Weyl sequence, so
 * that number i is a pure function of a key and i.
 */
public final class Mix {
    /** The step of the Weyl sequence. */
    public static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

    /** What the finaliser multiplies by first. */
    public static final long FIRST_FACTOR = 0xBF58476D1CE4E5B9L;

    /** What it multiplies by then. */
    public static final long SECOND_FACTOR = 0x94D049BB133111EBL;

    private Mix() {}

    /**
     * 64 random bits.
     *
     * @param key the key
     * @param i the number's index
     * @return the bits
     */
    public static long bits(long key, long i) {
        return mix(key + (i + 1) * GOLDEN_GAMMA);
    }

    /**
     * The finaliser itself.
     *
     * @param z any bits
     * @return their mixture, a bijection
     */
    public static long mix(long z) {
        z = (z ^ (z >>> 30)) * FIRST_FACTOR;
        z = (z ^ (z >>> 27)) * SECOND_FACTOR;
        return z ^ (z >>> 31);
    }
}
