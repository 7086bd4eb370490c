package org.jauss.kernels;

/** For each thread an array that outlives a call and grows to the largest one, so that hot code need not allocate. */
public final class Scratch {
    private final ThreadLocal<float[]> arrays = ThreadLocal.withInitial(() -> new float[0]);

    /** Arrays of their own for the one place in the code that keeps this object. */
    public Scratch() {}

    /**
     * The array of this thread.
     *
     * @param n how many elements are needed
     * @return an array of at least that length, with arbitrary contents
     */
    public float[] atLeast(int n) {
        float[] array = arrays.get();
        if (array.length < n) {
            array = new float[n];
            arrays.set(array);
        }
        return array;
    }
}
