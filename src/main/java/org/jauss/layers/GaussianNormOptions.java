package org.jauss.layers;

import java.util.Optional;
import java.util.function.Consumer;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Update;

/**
 * The options of a {@link GaussianNormLayer}. Start from {@link #robust()} or {@link #paper()} and change what differs.
 *
 * @param parametrization how the parameter stands for sigma
 * @param reduction how the likelihoods of the features are put together
 * @param weight the weight of the likelihood in the loss, lambda; 0 turns it off
 * @param gauge whether the reported likelihood is shifted so that it is 0 at matched moments; gradients do not change
 * @param affine whether there are a scale and a shift
 * @param statistics how mean and sigma follow their gradient
 * @param rate the rate of the statistics, where they have their own
 * @param zLimit the largest magnitude of z, in the output and the statistics; infinite for none
 * @param varianceFloor v before {@link GaussianNormLayer#initialize}, and after it without a relative floor; at least 0
 * @param relativeFloor k in {@code v = (k std)^2} at initialisation; 0 for none
 * @param projection whether the gradient of the weight before the layer is projected at the step
 */
public record GaussianNormOptions(
        Parametrization parametrization,
        Reduction reduction,
        float weight,
        boolean gauge,
        boolean affine,
        Statistics statistics,
        Rate rate,
        float zLimit,
        float varianceFloor,
        float relativeFloor,
        boolean projection) {
    private static final double EPSILON = 1e-5;

    /**
     * Options.
     *
     * @param parametrization how the parameter stands for sigma
     * @param reduction how the likelihoods of the features are put together
     * @param weight the weight of the likelihood in the loss, lambda; 0 turns it off
     * @param gauge whether the reported likelihood is shifted so that it is 0 at matched moments; gradients do not change
     * @param affine whether there are a scale and a shift
     * @param statistics how mean and sigma follow their gradient
     * @param rate the rate of the statistics, where they have their own
     * @param zLimit the largest magnitude of z, in the output and the statistics; infinite for none
     * @param varianceFloor v before {@link GaussianNormLayer#initialize}, and after it without a relative floor; at least 0
     * @param relativeFloor k in {@code v = (k std)^2} at initialisation; 0 for none
     * @param projection whether the gradient of the weight before the layer is projected at the step
     * @throws IllegalArgumentException if a number is outside its range
     */
    public GaussianNormOptions {
        require(weight >= 0 && weight < Float.POSITIVE_INFINITY, "weight must be at least 0", weight);
        require(zLimit > 0, "zLimit must be above 0", zLimit);
        require(varianceFloor >= 0, "varianceFloor must be at least 0", varianceFloor);
        require(relativeFloor >= 0, "relativeFloor must be at least 0", relativeFloor);
        require(
                statistics != Statistics.LOG_DOMAIN || weight * rate.limit() < 1,
                "weight x rate must be below 1 for the update LOG_DOMAIN",
                weight * rate.limit());
        if (statistics == Statistics.LOG_DOMAIN && parametrization != Parametrization.LOG) {
            throw new IllegalArgumentException(
                    "Gaussian norm: the update LOG_DOMAIN needs the parametrization LOG, but it is " + parametrization);
        }
    }

    private static void require(boolean condition, String rule, float value) {
        if (!condition) {
            throw new IllegalArgumentException("Gaussian norm: " + rule + ", but is " + value);
        }
    }

    /**
     * The recommended options for plain SGD: log sigma, sum over features, natural gradient with its own rate
     * {@code min(.01, .001 x instances in the step)}, an update of log sigma that is defined for every input, z limited
     * to 6 (a deviation from the paper), relative variance floor .1, and 1e-5 as floor before initialisation.
     *
     * @return the options
     */
    public static GaussianNormOptions robust() {
        return new GaussianNormOptions(
                Parametrization.LOG,
                Reduction.SUM,
                1,
                true,
                true,
                Statistics.LOG_DOMAIN,
                new Rate(.001f, .01f),
                6,
                1e-5f,
                .1f,
                false);
    }

    /**
     * The layer as published: log sigma, mean over features, statistics trained by the same optimiser as the weights,
     * no floor and no limit. It needs initialisation, and small sigma make it diverge.
     *
     * @return the options
     */
    public static GaussianNormOptions paper() {
        return new GaussianNormOptions(
                Parametrization.LOG,
                Reduction.MEAN,
                1,
                true,
                true,
                Statistics.OPTIMIZER,
                new Rate(.001f, .01f),
                Float.POSITIVE_INFINITY,
                0,
                0,
                false);
    }

    /**
     * These options with another parametrisation.
     *
     * @param changed the parametrisation
     * @return the options
     * @throws IllegalArgumentException with {@link Statistics#LOG_DOMAIN}, which needs log sigma
     */
    public GaussianNormOptions withParametrization(Parametrization changed) {
        return with(copy -> copy.parametrization = changed);
    }

    /**
     * These options with another reduction.
     *
     * @param changed the reduction
     * @return the options
     */
    public GaussianNormOptions withReduction(Reduction changed) {
        return with(copy -> copy.reduction = changed);
    }

    /**
     * These options with another weight of the likelihood.
     *
     * @param changed the weight, at least 0
     * @return the options
     */
    public GaussianNormOptions withWeight(float changed) {
        return with(copy -> copy.weight = changed);
    }

    /**
     * These options with or without the gauge.
     *
     * @param changed whether the reported likelihood is shifted
     * @return the options
     */
    public GaussianNormOptions withGauge(boolean changed) {
        return with(copy -> copy.gauge = changed);
    }

    /**
     * These options with or without scale and shift.
     *
     * @param changed whether there are a scale and a shift
     * @return the options
     */
    public GaussianNormOptions withAffine(boolean changed) {
        return with(copy -> copy.affine = changed);
    }

    /**
     * These options with another way in which the statistics follow their gradient.
     *
     * @param changed the way
     * @return the options
     */
    public GaussianNormOptions withStatistics(Statistics changed) {
        return with(copy -> copy.statistics = changed);
    }

    /**
     * These options with a fixed rate of the statistics.
     *
     * @param perStep the rate, in {@code (0, 1]}
     * @return the options
     */
    public GaussianNormOptions withRate(float perStep) {
        return with(copy -> copy.rate = new Rate(perStep, perStep));
    }

    /**
     * These options with another limit of z.
     *
     * @param changed the limit, above 0; infinite for none
     * @return the options
     */
    public GaussianNormOptions withZLimit(float changed) {
        return with(copy -> copy.zLimit = changed);
    }

    /**
     * These options with other floors.
     *
     * @param absolute v before initialisation, and after it without a relative floor; at least 0
     * @param relative k in {@code v = (k std)^2} at initialisation; 0 for none
     * @return the options
     */
    public GaussianNormOptions withFloors(float absolute, float relative) {
        return with(copy -> {
            copy.varianceFloor = absolute;
            copy.relativeFloor = relative;
        });
    }

    /**
     * These options with or without the step projection: the gradient of the weight before the layer loses at the step
     * what would only move and stretch the normalised values of all rows of the step together, as in batch norm's
     * backward pass, but exactly so for a step in any parts; see {@link org.jauss.tensor.StepProjection}. The layer then
     * has its place between a linear layer or a convolution without bias and the activation, and bears larger learning
     * rates in deep networks. A batch that goes through as a whole pays one sweep over its rows; one in parts, or whose
     * gradients outlive their pass unread, one more product of the size of the weight's gradient, two if z is clipped,
     * and as much memory for sums.
     *
     * @param changed whether the gradient is projected
     * @return the options
     */
    public GaussianNormOptions withProjection(boolean changed) {
        return with(copy -> copy.projection = changed);
    }

    /** The options while one of them is changed. */
    private static final class Copy {
        private Parametrization parametrization;
        private Reduction reduction;
        private float weight;
        private boolean gauge;
        private boolean affine;
        private Statistics statistics;
        private Rate rate;
        private float zLimit;
        private float varianceFloor;
        private float relativeFloor;
        private boolean projection;

        Copy(GaussianNormOptions options) {
            parametrization = options.parametrization;
            reduction = options.reduction;
            weight = options.weight;
            gauge = options.gauge;
            affine = options.affine;
            statistics = options.statistics;
            rate = options.rate;
            zLimit = options.zLimit;
            varianceFloor = options.varianceFloor;
            relativeFloor = options.relativeFloor;
            projection = options.projection;
        }
    }

    private GaussianNormOptions with(Consumer<Copy> change) {
        var copy = new Copy(this);
        change.accept(copy);
        return new GaussianNormOptions(
                copy.parametrization,
                copy.reduction,
                copy.weight,
                copy.gauge,
                copy.affine,
                copy.statistics,
                copy.rate,
                copy.zLimit,
                copy.varianceFloor,
                copy.relativeFloor,
                copy.projection);
    }

    Parameter statistic(Shape shape, float value, Optional<Update> update) {
        return update.map(own -> Parameter.statistic(shape, value, own))
                .orElseGet(() -> Parameter.statistic(shape, value));
    }

    /** {@code mean -= r x natural gradient}: a moving average of the mean of the step. */
    Optional<Update> meanUpdate() {
        return statistics == Statistics.OPTIMIZER ? Optional.empty() : Optional.of(this::descend);
    }

    Optional<Update> spreadUpdate() {
        return switch (statistics) {
            case OPTIMIZER -> Optional.empty();
            case NATURAL -> Optional.of(this::descend);
            case LOG_DOMAIN -> Optional.of(this::descendInLogDomain);
        };
    }

    private void descend(float[] value, float[] gradient, long instances) {
        float r = rate.of(instances);
        for (int j = 0; j < value.length; j++) {
            value[j] -= r * gradient[j];
        }
    }

    /** The natural gradient is minus half of {@code mean z^2 + v / sigma^2 - 1}. */
    private void descendInLogDomain(float[] value, float[] gradient, long instances) {
        float r = rate.of(instances);
        for (int j = 0; j < value.length; j++) {
            value[j] += (float) (.5 * Math.log1p(-2.0 * r * gradient[j]));
        }
    }

    /** How the parameter rho of a feature stands for its sigma. */
    public enum Parametrization {
        /** {@code sigma = exp(rho)}. */
        LOG("logStd") {
            @Override
            double logStd(double rho) {
                return rho;
            }

            @Override
            double factor(double rho) {
                return Math.exp(-rho);
            }

            @Override
            double spread(double std) {
                return Math.log(std);
            }
        },
        /** {@code sigma = |rho| + 1e-5}. */
        ABS("std") {
            @Override
            double logStd(double rho) {
                return Math.log(Math.abs(rho) + EPSILON);
            }

            @Override
            double factor(double rho) {
                return 1 / (Math.abs(rho) + EPSILON);
            }

            @Override
            double spread(double std) {
                return Math.max(std - EPSILON, 0);
            }
        },
        /** {@code 1 / sigma = rho}, whose sign is kept in z; {@code log sigma = -log(|rho| + 1e-5)}. */
        INV("inverseStd") {
            @Override
            double logStd(double rho) {
                return -Math.log(Math.abs(rho) + EPSILON);
            }

            @Override
            double factor(double rho) {
                return rho;
            }

            @Override
            double spread(double std) {
                return 1 / std;
            }
        };

        private final String parameterName;

        Parametrization(String parameterName) {
            this.parameterName = parameterName;
        }

        String parameterName() {
            return parameterName;
        }

        abstract double logStd(double rho);

        /** What {@code x - mean} is multiplied by. */
        abstract double factor(double rho);

        /** The parameter that stands for a standard deviation. */
        abstract double spread(double std);

        /**
         * The derivative of {@code log sigma + (m2 + v / sigma^2) / 2}, where m2 is the mean of z^2, with respect to
         * rho.
         */
        double derivative(double rho, double m2, double v) {
            double s = factor(rho);
            return switch (this) {
                case LOG -> 1 - m2 - v * s * s;
                case ABS -> (rho < 0 ? -s : s) * (1 - m2 - v * s * s);
                case INV -> -Math.copySign(1, rho) / (Math.abs(rho) + EPSILON) + (rho == 0 ? 0 : m2 / rho) + v * rho;
            };
        }

        /** The inverse of the Fisher information that one row has about rho. */
        double inverseFisher(double rho) {
            return switch (this) {
                case LOG -> .5;
                case ABS -> .5 / (factor(rho) * factor(rho));
                case INV -> .5 * rho * rho;
            };
        }
    }

    /** How the likelihoods of the features are put together. */
    public enum Reduction {
        /** Their mean: under plain SGD the statistics follow the slower, the wider the layer. */
        MEAN,
        /** Their sum. */
        SUM
    }

    /** How mean and sigma follow their gradient. */
    public enum Statistics {
        /** As the optimiser has it for all parameters; but without weight decay or clipping. */
        OPTIMIZER,
        /** By their own rate along the natural gradient: the mean as a moving average. */
        NATURAL,
        /** As natural, with {@code log sigma += log(1 + r (mean z^2 + v / sigma^2 - 1)) / 2}: a variance average. */
        LOG_DOMAIN
    }

    /**
     * The rate r of the statistics, from the number of instances in the step.
     *
     * @param perInstance the rate that each instance adds
     * @param limit the largest rate, in {@code (0, 1]}
     */
    public record Rate(float perInstance, float limit) {
        /**
         * A rate.
         *
         * @param perInstance the rate that each instance adds
         * @param limit the largest rate, in {@code (0, 1]}
         * @throws IllegalArgumentException if a number is outside its range
         */
        public Rate {
            require(perInstance > 0, "the rate per instance must be above 0", perInstance);
            require(limit > 0 && limit <= 1, "the rate must be in (0, 1]", limit);
        }

        float of(long instances) {
            return Math.min(limit, perInstance * Math.max(instances, 1));
        }
    }
}
