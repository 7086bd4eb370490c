package org.jauss.benchmarks;

import org.jauss.kernels.Window;

/** The convolutions of {@link Networks#cnn}, padded to keep the size of the image, over a batch of 32. */
public enum CnnConvolution {
    /** 3 channels, 7 x 7 windows, 32 x 32 positions: 308 million multiply-adds. */
    FIRST(3, 7, 32),
    /** 64 channels, 5 x 5 windows, 16 x 16 positions: 839 million multiply-adds. */
    SECOND(64, 5, 16),
    /** 64 channels, 3 x 3 windows, 8 x 8 positions: 75 million multiply-adds. */
    THIRD(64, 3, 8);

    /** The number of filters of each. */
    static final int FILTERS = 64;

    private static final int BATCH = 32;

    private final int channels;
    private final int kernel;
    private final int size;

    CnnConvolution(int channels, int kernel, int size) {
        this.channels = channels;
        this.kernel = kernel;
        this.size = size;
    }

    int channels() {
        return channels;
    }

    int kernel() {
        return kernel;
    }

    Window window() {
        var axis = new Window.Axis(size, kernel, 1, 1, kernel / 2, kernel / 2);
        return new Window(BATCH, channels, FILTERS, 1, Window.Axis.NONE, axis, axis);
    }

    int inputs() {
        return BATCH * size * size * channels;
    }

    int weights() {
        return kernel * kernel * channels * FILTERS;
    }

    int outputs() {
        return BATCH * size * size * FILTERS;
    }

    /** Floating-point operations of one pass, forward or to one gradient; products with padding count, as is usual. */
    long operations() {
        return 2L * BATCH * size * size * weights();
    }

    /** Channels, filters, window and image: {@code 3-64-7x7-32x32}. */
    String label() {
        return "%d-%d-%dx%d-%dx%d".formatted(channels, FILTERS, kernel, kernel, size, size);
    }
}
