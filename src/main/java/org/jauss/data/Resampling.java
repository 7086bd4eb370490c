package org.jauss.data;

/**
 * Resizes images by a triangle filter: bilinear interpolation where the image grows, and a mean over all pixels beneath
 * where it shrinks, so that fine patterns do not turn into coarse ones.
 */
final class Resampling {
    private Resampling() {}

    /**
     * Resizes a part of an image.
     *
     * @param x the image, {@code [h, w, channels]}
     * @param box top, left, height and width of the part, in pixels
     * @return {@code [height, width, channels]}
     */
    static float[] resize(float[] x, int h, int w, int channels, double[] box, int height, int width) {
        float[][] across = weights(w, box[1], box[3], width);
        float[] narrow = new float[h * width * channels]; // [h, width, channels]
        for (int row = 0; row < h; row++) {
            for (int column = 0; column < width; column++) {
                int out = (row * width + column) * channels;
                int first = (int) across[column][0];
                for (int k = 1; k < across[column].length; k++) {
                    int in = (row * w + first + k - 1) * channels;
                    for (int c = 0; c < channels; c++) {
                        narrow[out + c] += across[column][k] * x[in + c];
                    }
                }
            }
        }
        float[][] down = weights(h, box[0], box[2], height);
        float[] resized = new float[height * width * channels];
        int line = width * channels;
        for (int row = 0; row < height; row++) {
            int first = (int) down[row][0];
            for (int k = 1; k < down[row].length; k++) {
                for (int i = 0; i < line; i++) {
                    resized[row * line + i] += down[row][k] * narrow[(first + k - 1) * line + i];
                }
            }
        }
        return resized;
    }

    /** For each pixel of the result the first pixel that counts, and then the weights of that one and those after it. */
    private static float[][] weights(int length, double start, double extent, int resultLength) {
        double scale = extent / resultLength;
        double reach = Math.max(1, scale);
        float[][] weights = new float[resultLength][];
        for (int i = 0; i < resultLength; i++) {
            double centre = start + (i + .5) * scale;
            int first = Math.max(0, (int) Math.floor(centre - reach));
            int end = Math.min(length, (int) Math.ceil(centre + reach));
            double sum = 0;
            for (int j = first; j < end; j++) {
                sum += weight(j, centre, reach);
            }
            weights[i] = new float[end - first + 1];
            weights[i][0] = first;
            for (int j = first; j < end; j++) {
                weights[i][j - first + 1] = (float) (weight(j, centre, reach) / sum);
            }
        }
        return weights;
    }

    private static double weight(int pixel, double centre, double reach) {
        return Math.max(0, 1 - Math.abs(pixel + .5 - centre) / reach);
    }
}
