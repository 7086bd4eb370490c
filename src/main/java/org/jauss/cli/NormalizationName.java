package org.jauss.cli;

import java.util.function.IntFunction;
import org.jauss.layers.Normalization;

/** The ways to normalise. */
enum NormalizationName {
    NONE(groups -> Normalization.none()),
    BATCH(groups -> Normalization.batch()),
    BATCH_RENORM(groups -> Normalization.batchRenorm()),
    LAYER(groups -> Normalization.layer()),
    RMS(groups -> Normalization.rms()),
    GROUP(Normalization::group),
    INSTANCE(groups -> Normalization.instance()),
    GAUSSIAN(groups -> Normalization.gaussian());

    private final IntFunction<Normalization> way;

    NormalizationName(IntFunction<Normalization> way) {
        this.way = way;
    }

    Normalization of(int groups) {
        return way.apply(groups);
    }

    /** Whether it takes statistics from the rows that go through at once: the whole batch must, and not a single row. */
    boolean needsBatch() {
        return this == BATCH || this == BATCH_RENORM;
    }

    /** The name on the command line. */
    @Override
    public String toString() {
        return OptionValue.of(this);
    }
}
