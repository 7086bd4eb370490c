package org.jauss.tensor;

import java.util.concurrent.atomic.AtomicLong;
import org.jauss.kernels.Mix;

/**
 * A source of random numbers: a 64-bit key and a counter-based generator. Number {@code i} is a pure function of the key
 * and {@code i}, so that it is the same for any number of threads and any order, and can be computed again instead of
 * being stored. {@link #split()} gives a new, independent source every time; it alone changes this one.
 *
 * <p>The function is the finaliser of SplitMix64 (Steele, Lea &amp; Flood, 2014) on a Weyl sequence. Not for
 * cryptography.
 */
public final class Rng {
    /** Another odd constant than that of the numbers, so that a child does not repeat a number of its parent. */
    private static final long SPLIT_GAMMA = 0xD1342543DE82EF95L;

    private final long key;
    private final AtomicLong splits;

    /**
     * What a source has to keep to go on alike.
     *
     * @param key the key, which its numbers depend on
     * @param splits how often it was split, at least 0
     */
    public record State(long key, long splits) {
        /**
         * Checks the number of splits.
         *
         * @param key the key
         * @param splits how often the source was split
         * @throws IllegalArgumentException if the number of splits is negative
         */
        public State {
            if (splits < 0) {
                throw new IllegalArgumentException("rng: the number of splits must be at least 0, but is " + splits);
            }
        }
    }

    private Rng(long key, long splits) {
        this.key = key;
        this.splits = new AtomicLong(splits);
    }

    /**
     * A source for a seed; equal seeds give equal numbers on every machine.
     *
     * @param seed any number
     * @return the source
     */
    public static Rng of(long seed) {
        return new Rng(Mix.mix(seed + Mix.GOLDEN_GAMMA), 0);
    }

    /**
     * A source that goes on from where another one was, say from a checkpoint.
     *
     * @param state its state then
     * @return the source
     */
    public static Rng of(State state) {
        return new Rng(state.key, state.splits);
    }

    /**
     * A new source, independent of this one and of all that were split off before.
     *
     * @return the source
     */
    public Rng split() {
        return new Rng(Mix.mix(key ^ Mix.mix(splits.incrementAndGet() * SPLIT_GAMMA)), 0);
    }

    /**
     * A source in the same state: both go on alike.
     *
     * @return the copy
     */
    public Rng copy() {
        return new Rng(key, splits.get());
    }

    /**
     * The state, which {@link #of(State)} makes a source of that goes on alike.
     *
     * @return the key and the number of splits so far
     */
    public State state() {
        return new State(key, splits.get());
    }

    /** The key, for kernels. */
    long key() {
        return key;
    }

    /**
     * 64 random bits.
     *
     * @param i the number's index
     * @return the bits
     */
    public long bits(long i) {
        return Mix.bits(key, i);
    }

    /**
     * A number uniform on {@code [0, 1)}, a multiple of 2^-24.
     *
     * @param i the number's index
     * @return the number
     */
    public float uniform(long i) {
        return (bits(i) >>> 40) * 0x1p-24f;
    }

    /**
     * A number of the standard normal distribution (Box &amp; Muller, 1958).
     *
     * @param i the number's index
     * @return the number
     */
    public float normal(long i) {
        long bits = bits(i);
        double radius = StrictMath.sqrt(-2 * StrictMath.log(((bits >>> 32) + 1) * 0x1p-32));
        return (float) (radius * StrictMath.cos(2 * Math.PI * (bits & 0xFFFFFFFFL) * 0x1p-32));
    }

    /**
     * A whole number below a bound; the bias is below bound / 2^63.
     *
     * @param i the number's index
     * @param bound at least 1
     * @return a number from 0 to {@code bound - 1}
     */
    public int below(long i, int bound) {
        return (int) ((bits(i) >>> 1) % bound);
    }

    /**
     * The numbers from 0 to {@code n - 1} in random order (Fisher &amp; Yates).
     *
     * @param n how many
     * @return the order
     */
    public int[] permutation(int n) {
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            int j = below(i, i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }
}
