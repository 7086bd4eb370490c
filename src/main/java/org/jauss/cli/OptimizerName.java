package org.jauss.cli;

import org.jauss.optimizers.Adadelta;
import org.jauss.optimizers.Adagrad;
import org.jauss.optimizers.Adam;
import org.jauss.optimizers.AdamW;
import org.jauss.optimizers.Adamax;
import org.jauss.optimizers.Lamb;
import org.jauss.optimizers.Lion;
import org.jauss.optimizers.Nadam;
import org.jauss.optimizers.Radam;
import org.jauss.optimizers.RmsProp;
import org.jauss.optimizers.Rule;
import org.jauss.optimizers.Schedule;
import org.jauss.optimizers.Sgd;

/** The optimisers. */
enum OptimizerName {
    SGD((rate, momentum, decay) -> Sgd.of(rate).withMomentum(momentum).withWeightDecay(decay)),
    ADAM((rate, momentum, decay) -> Adam.of(rate).withWeightDecay(decay)),
    ADAMW((rate, momentum, decay) -> AdamW.of(rate).withWeightDecay(decay)),
    NADAM((rate, momentum, decay) -> Nadam.of(rate).withWeightDecay(decay)),
    RADAM((rate, momentum, decay) -> Radam.of(rate).withWeightDecay(decay)),
    ADAMAX((rate, momentum, decay) -> Adamax.of(rate).withWeightDecay(decay)),
    LION((rate, momentum, decay) -> Lion.of(rate).withWeightDecay(decay)),
    LAMB((rate, momentum, decay) -> Lamb.of(rate).withWeightDecay(decay)),
    RMSPROP((rate, momentum, decay) -> RmsProp.of(rate).withMomentum(momentum).withWeightDecay(decay)),
    ADAGRAD((rate, momentum, decay) -> Adagrad.of(rate).withWeightDecay(decay)),
    ADADELTA((rate, momentum, decay) -> Adadelta.of(rate).withWeightDecay(decay));

    private final Maker maker;

    /** Makes a rule of the options. */
    @FunctionalInterface
    private interface Maker {
        Rule of(Schedule rate, float momentum, float decay);
    }

    OptimizerName(Maker maker) {
        this.maker = maker;
    }

    /** Whether it has a momentum that can be chosen. */
    boolean hasMomentum() {
        return this == SGD || this == RMSPROP;
    }

    Rule of(Schedule rate, float momentum, float decay) {
        return maker.of(rate, momentum, decay);
    }

    /** The name on the command line. */
    @Override
    public String toString() {
        return OptionValue.of(this);
    }
}
