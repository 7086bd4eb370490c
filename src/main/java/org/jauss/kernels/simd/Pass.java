package org.jauss.kernels.simd;

/**
 * One loop over a block.
 *
 * <p>HotSpot compiles vector code well only in small pieces: after a number of nodes it stops inlining, and what it then
 * does not inline makes objects of all vectors, a hundred times slower. It also puts every loop that a caller can reach
 * into the caller. So no method here takes or returns a vector, and loops are called through this interface: where one
 * call reaches more than two of them, the compiler leaves them alone.
 */
@FunctionalInterface
interface Pass {
    void over(SimdBlock b);

    static Pass[] of(Pass... passes) {
        return passes;
    }
}
