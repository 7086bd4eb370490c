package org.jauss.tensor;

/**
 * The memory of a {@link Pass}: activations, their gradients and what ops keep for the backward pass.
 *
 * @param currentBytes the bytes that the pass has now
 * @param peakBytes the most that it had at once
 */
public record PassMemory(long currentBytes, long peakBytes) {}
