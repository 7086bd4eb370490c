package org.jauss.tensor;

import org.jauss.kernels.Kernels;

/**
 * Rotary positions (Su et al., 2021): in each head of width W the pair of features {@code (2 i, 2 i + 1)} of step t is
 * turned by the angle {@code t base^(-2 i / W)}, so that products of queries and keys depend on their distance.
 *
 * <p><b>Shape:</b> {@code [N, T, features]}, unchanged; only the first {@code rotated} features are turned.
 *
 * @param x the input
 * @param rotated how many features are turned, from the first one on
 * @param cos the cosines, {@code [T, W / 2]}
 * @param sin the sines, {@code [T, W / 2]}
 * @param pairs the number of pairs in a head, {@code W / 2}
 */
public record Rotary(Tensor x, int rotated, float[] cos, float[] sin, int pairs) implements Op {
    /**
     * Turns heads by their positions.
     *
     * @param x {@code [N, T, features]}
     * @param rotated how many features are turned, from the first one on: a multiple of the width
     * @param width the width of a head, an even number
     * @param base the base of the wave lengths; 10000 in the paper
     * @param position the position of the first step
     * @return the turned heads
     * @throws ShapeException if the features are not whole heads of even width
     */
    public static Tensor of(Tensor x, int rotated, int width, float base, int position) {
        if (x.shape().rank() != 3
                || width < 2
                || width % 2 != 0
                || rotated % width != 0
                || rotated > x.shape().dim(2)) {
            throw new ShapeException("rotary: " + rotated + " features of " + x.shape()
                    + " are not whole heads of an even width (" + width + ")");
        }
        int steps = x.shape().dim(1);
        int pairs = width / 2;
        float[] cos = new float[steps * pairs];
        float[] sin = new float[steps * pairs];
        for (int i = 0; i < pairs; i++) {
            double frequency = Math.pow(base, -2.0 * i / width);
            for (int t = 0; t < steps; t++) {
                double angle = (position + t) * frequency;
                cos[t * pairs + i] = (float) Math.cos(angle);
                sin[t * pairs + i] = (float) Math.sin(angle);
            }
        }
        Pass pass = Pass.of(x);
        float[] y = pass.array(x.size());
        var op = new Rotary(x, rotated, cos, sin, pairs);
        op.turn(x.data(), x.offset(), y, 0, 1, false);
        return pass.record(op, x.shape(), y, x);
    }

    @Override
    public void backward(Tensor y) {
        float[] dy = y.grad();
        boolean add = x.inheritGrad(y);
        turn(dy, y.offset(), x.grad(), x.offset(), -1, add); // the inverse of a rotation is its transpose
    }

    /** Turns rows, in place or not. */
    private void turn(float[] from, int fo, float[] to, int start, float direction, boolean add) {
        int features = x.shape().dim(2);
        int steps = x.shape().dim(1);
        for (int row = 0; row < x.shape().dim(0) * steps; row++) {
            int angles = row % steps * pairs;
            int rf = fo + row * features;
            int rt = start + row * features;
            for (int head = 0; head < rotated; head += 2 * pairs) {
                for (int i = 0; i < pairs; i++) {
                    int j = head + 2 * i;
                    float c = cos[angles + i];
                    float s = direction * sin[angles + i];
                    float even = c * from[rf + j] - s * from[rf + j + 1];
                    float odd = s * from[rf + j] + c * from[rf + j + 1];
                    to[rt + j] = add ? to[rt + j] + even : even;
                    to[rt + j + 1] = add ? to[rt + j + 1] + odd : odd;
                }
            }
            if (add) {
                Kernels.active().addRow(1, features - rotated, from, rf + rotated, to, rt + rotated);
            } else {
                System.arraycopy(from, rf + rotated, to, rt + rotated, features - rotated);
            }
        }
    }
}
