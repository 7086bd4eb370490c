package org.jauss.kernels.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vectors of this JVM: as wide as the processor's, or as the system property {@value #PROPERTY} says (128, 256 or
 * 512). Constants, so that the compiler knows every shape.
 *
 * <p>Float vectors have this one width everywhere, also where only half of one is wanted: while JDK 17 compiles it often
 * knows the width only from what {@code FloatVector.intoArray} and its like have seen in the whole JVM, and if that was
 * two, it puts each vector on the heap.
 *
 * <p>Numbers beside float vectors are floats, {@code v.compare(GT, 0f)}: with {@code 0} Java takes the method for a
 * {@code long}. Activations make what they compare with a vector before their loop, for the same reason.
 */
final class Lanes {
    /** The system property that sets the width, in bits. */
    static final String PROPERTY = "jauss.simd.bits";

    static final VectorSpecies<Float> FLOATS = species();
    static final VectorSpecies<Integer> INTS = FLOATS.withLanes(int.class);
    static final VectorSpecies<Long> LONGS = FLOATS.withLanes(long.class);
    static final VectorSpecies<Double> DOUBLES = FLOATS.withLanes(double.class);

    /** Floats in a vector. */
    static final int COUNT = FLOATS.length();

    private Lanes() {}

    /**
     * The sum of the elements of a vector that was stored, in an order that is always the same; that of {@code
     * reduceLanes} is up to the compiler.
     *
     * @param lanes where it was stored
     * @param at its first element
     */
    static float sum(float[] lanes, int at) {
        float s0 = 0;
        float s1 = 0;
        float s2 = 0;
        float s3 = 0;
        for (int j = at; j < at + COUNT; j += 4) {
            s0 += lanes[j];
            s1 += lanes[j + 1];
            s2 += lanes[j + 2];
            s3 += lanes[j + 3];
        }
        return (s0 + s1) + (s2 + s3);
    }

    private static VectorSpecies<Float> species() {
        String bits = System.getProperty(PROPERTY);
        if (bits == null) {
            VectorSpecies<Float> preferred = FloatVector.SPECIES_PREFERRED;
            return preferred.vectorBitSize() > 512 ? FloatVector.SPECIES_512 : preferred;
        }
        return switch (bits.strip()) {
            case "128" -> FloatVector.SPECIES_128;
            case "256" -> FloatVector.SPECIES_256;
            case "512" -> FloatVector.SPECIES_512;
            default ->
                throw new IllegalArgumentException(
                        "system property " + PROPERTY + " must be 128, 256 or 512, but is '" + bits + "'");
        };
    }
}
