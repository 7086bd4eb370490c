package org.jauss.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ErfTest {
    /** The stated accuracy. */
    private static final double TOLERANCE = 1e-13;

    @ParameterizedTest
    @CsvSource({
        "0.1, 0.1124629160182849",
        "0.5, 0.5204998778130465",
        "1, 0.8427007929497149",
        "1.5, 0.9661051464753108",
        "2, 0.9953222650189527",
        "3, 0.9999779095030014"
    })
    void knownValues(double x, double erf) {
        assertEquals(erf, Erf.erf(x), TOLERANCE);
        assertEquals(-erf, Erf.erf(-x), TOLERANCE);
        assertEquals(1 - erf, Erf.erfc(x), TOLERANCE);
        assertEquals(1 + erf, Erf.erfc(-x), TOLERANCE);
    }

    /** Beyond 2 the complement keeps its digits; 1 - erf would not. */
    @ParameterizedTest
    @CsvSource({
        "2.5, 4.069520174449590e-4",
        "4, 1.541725790028002e-8",
        "5, 1.5374597944280347e-12",
        "10, 2.088487583762545e-45"
    })
    void smallTails(double x, double erfc) {
        assertEquals(1, Erf.erfc(x) / erfc, 1e-12); // x^2 in the exponent is rounded: 100 x 2^-53 at 10
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 1e-300, 1e-9, .3, 1.7, 2, 2.1, 6, 30, Double.POSITIVE_INFINITY})
    void isOdd(double x) {
        assertEquals(Erf.erf(x), -Erf.erf(-x));
        assertEquals(2, Erf.erfc(x) + Erf.erfc(-x), TOLERANCE);
    }

    @Test
    void seriesAndFractionMeetAtTwo() {
        assertEquals(Erf.erf(2), Erf.erf(Math.nextUp(2.0)), TOLERANCE);
        assertEquals(Erf.erfc(2), Erf.erfc(Math.nextUp(2.0)), TOLERANCE);
        assertEquals(Erf.erf(-2), Erf.erf(Math.nextDown(-2.0)), TOLERANCE);
    }

    @Test
    void extremes() {
        assertEquals(1, Erf.erf(Double.POSITIVE_INFINITY));
        assertEquals(-1, Erf.erf(Double.NEGATIVE_INFINITY));
        assertEquals(0, Erf.erfc(Double.POSITIVE_INFINITY));
        assertEquals(2, Erf.erfc(Double.NEGATIVE_INFINITY));
        assertEquals(Double.NaN, Erf.erf(Double.NaN));
        assertEquals(Double.NaN, Erf.erfc(Double.NaN));
        assertEquals(0, Erf.erf(0));
        assertEquals(Erf.TWO_OVER_SQRT_PI, Erf.erf(1e-9) / 1e-9, TOLERANCE);
    }
}
