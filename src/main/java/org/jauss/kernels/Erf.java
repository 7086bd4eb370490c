package org.jauss.kernels;

/**
 * The Gauss error function in double precision, which the JDK lacks; absolute error below 1e-13.
 *
 * <p>Up to 2 a Chebyshev series of {@code erf(x) / x} in {@code x^2}, beyond it the continued fraction of {@code erfc}
 * (Abramowitz &amp; Stegun, 7.1.14).
 */
final class Erf {
    static final double TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI);

    private static final double SERIES_LIMIT = 2;
    private static final int FRACTION_TERMS = 60;

    /** Chebyshev coefficients of erf(sqrt(u)) / sqrt(u) for u in [0, 4], fitted at 200 nodes. */
    private static final double[] SERIES = {
        1.4831105640848028, -0.30107107338659456, 0.06899483068983146, -0.013916271264721947,
        0.002420799522433159, -0.00036586396858470096, 4.862098443194407e-05, -5.749256557925353e-06,
        6.113243578576011e-07, -5.899101523043626e-08, 5.2070089395783724e-09, -4.232972594664375e-10,
        3.188091346473243e-11, -2.2362112161999903e-12, 1.464717236387969e-13, -8.963940700823513e-15
    };

    private Erf() {}

    static double erf(double x) {
        return Math.abs(x) <= SERIES_LIMIT ? series(x) : x > 0 ? 1 - tail(x) : x < 0 ? tail(-x) - 1 : x;
    }

    static double erfc(double x) {
        return Math.abs(x) <= SERIES_LIMIT ? 1 - series(x) : x > 0 ? tail(x) : x < 0 ? 2 - tail(-x) : x;
    }

    private static double series(double x) {
        double t = (x * x - 2) / 2;
        double next = 0;
        double afterNext = 0;
        for (int i = SERIES.length - 1; i > 0; i--) { // Clenshaw's recurrence
            double current = 2 * t * next - afterNext + SERIES[i];
            afterNext = next;
            next = current;
        }
        return x * (t * next - afterNext + .5 * SERIES[0]);
    }

    private static double tail(double x) {
        double fraction = x;
        for (int i = FRACTION_TERMS; i > 0; i--) {
            fraction = x + .5 * i / fraction;
        }
        return Math.exp(-x * x) / (fraction * Math.sqrt(Math.PI));
    }
}
