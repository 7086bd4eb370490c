package org.jauss.layers;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jauss.tensor.Normalize;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.StepProjection;
import org.jauss.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Batchless normalisation (Berger &amp; Uc Cetina, arXiv 2212.14729): each feature is normalised by a <em>learned</em>
 * mean and standard deviation,
 *
 * <pre>{@code
 * z = (x - mean) / sigma,    y = scale z + shift,
 * }</pre>
 *
 * <p>and a Gaussian negative log likelihood, added to the loss of the pass, trains these two:
 *
 * <pre>{@code
 * weight REDUCE_c( mean over rows of (log sigma + z^2 / 2) + v / (2 sigma^2) - gauge ).
 * }</pre>
 *
 * <p>Stop-gradients keep the paths apart: the likelihood sends no gradient to {@code x}, the output none to mean and
 * sigma. With v a floor on the variance the optimum is {@code sigma^2 = variance + v}. As no statistics of a batch are
 * involved, the gradient of a batch is the exact mean of the gradients of its instances, in whatever parts they are
 * taken, and training and use compute the same function.
 *
 * <p>Before training call {@link #initialize} with some 500 instances or more. {@link #robust} has the defaults that
 * were found to work under plain SGD: place it on the input and <em>after</em> each activation; learning rate .03 to .1
 * for multi-layer perceptrons. {@link #paper} is the layer as published. With a
 * {@linkplain GaussianNormOptions#withProjection step projection} its place is between a weight and the activation. After a
 * training with dropout {@link Normalization#measure} makes mean and sigma fit the network without.
 *
 * <p>A feature is by default what the last axis counts, its rows are all other axes. {@link #of(Shape,
 * GaussianNormOptions)} has any other division: a mean and sigma for each activation of {@code [H, W, C]}, for each row
 * of an image, or for all elements together. The formulas then hold with the statistics in place of the features.
 *
 * <p><b>Shape:</b> {@code [..., C]}, unchanged; that of the statistics is {@code [C]} unless given.
 *
 * @param mean {@code [C]}, a statistic
 * @param spread {@code [C]}, a statistic that stands for sigma as {@link GaussianNormOptions#parametrization} says;
 *     named {@code logStd} in the form log, {@code std} in the form abs, {@code inverseStd} in the form inv
 * @param varianceFloor {@code [C]}, v, which {@link #initialize} sets; never trained
 * @param scale {@code [C]}, ones at first, or null for none
 * @param shift {@code [C]}, zeros at first, or null for none
 * @param options everything else
 */
public record GaussianNormLayer(
        Parameter mean,
        Parameter spread,
        Parameter varianceFloor,
        @Nullable Parameter scale,
        @Nullable Parameter shift,
        GaussianNormOptions options)
        implements Layer {
    /** A feature whose standard deviation is below this share of its mean is constant but for rounding. */
    private static final double CONSTANT = 1e-6;

    /**
     * A layer of given parameters.
     *
     * @param mean {@code [C]}, a statistic
     * @param spread {@code [C]}, a statistic that stands for sigma as {@link GaussianNormOptions#parametrization} says
     * @param varianceFloor {@code [C]}, v
     * @param scale {@code [C]}, or null for none
     * @param shift {@code [C]}, or null for none
     * @param options everything else
     * @throws IllegalArgumentException with a projection, unless the statistics are those of the last axis
     */
    public GaussianNormLayer {
        if (options.projection() && mean.shape().rank() != 1) {
            throw new IllegalArgumentException(
                    "Gaussian norm: a projection needs one mean and sigma for each feature of"
                            + " the last axis, [C], but they have the shape " + mean.shape());
        }
    }

    /**
     * A layer with the recommended options, see {@link GaussianNormOptions#robust()}.
     *
     * @param channels the number of features
     * @return the layer
     */
    public static GaussianNormLayer robust(int channels) {
        return of(channels, GaussianNormOptions.robust());
    }

    /**
     * A layer as published, see {@link GaussianNormOptions#paper()}.
     *
     * @param channels the number of features
     * @return the layer
     */
    public static GaussianNormLayer paper(int channels) {
        return of(channels, GaussianNormOptions.paper());
    }

    /**
     * A layer with mean 0, sigma 1, scale 1 and shift 0.
     *
     * @param channels the number of features
     * @param options the options
     * @return the layer
     */
    public static GaussianNormLayer of(int channels, GaussianNormOptions options) {
        return of(Shape.of(channels), options);
    }

    /**
     * A layer with mean 0, sigma 1, scale 1 and shift 0, each of the given shape. The shape is aligned with the last
     * axes of the input. Along an axis of length 1, and along all axes before, elements share their statistics:
     *
     * <ul>
     *   <li>{@code [C]}: one for each feature, the last axis, whatever its length;
     *   <li>{@code [H, W, C]}: one for each activation of an image, shared by the instances alone;
     *   <li>{@code [W, C]}: shared by the rows of an image, too;
     *   <li>{@code [T, 1]}: one for each position, shared by the features;
     *   <li>{@code []}: a single one.
     * </ul>
     *
     * <p>Where the shared axes come first the input is used as it is; else its axes are reordered, which takes two
     * copies.
     *
     * @param statistics the shape of mean, sigma, scale and shift
     * @param options the options
     * @return the layer
     * @throws IllegalArgumentException with a projection, unless the statistics are those of the last axis
     */
    public static GaussianNormLayer of(Shape statistics, GaussianNormOptions options) {
        Parameter floor = Parameter.statistic(statistics, options.varianceFloor());
        floor.freeze();
        float one = (float) options.parametrization().spread(1);
        return new GaussianNormLayer(
                options.statistic(statistics, 0, options.meanUpdate()),
                options.statistic(statistics, one, options.spreadUpdate()),
                floor,
                options.affine() ? Parameter.full(statistics, 1) : null,
                options.affine() ? Parameter.full(statistics, 0) : null,
                options);
    }

    @Override
    public void visit(Visitor visitor) {
        visitor.parameter("mean", mean);
        visitor.parameter(options.parametrization().parameterName(), spread);
        visitor.parameter("varianceFloor", varianceFloor);
        if (scale != null && shift != null) {
            visitor.parameter("scale", scale);
            visitor.parameter("shift", shift);
        }
    }

    /**
     * The standard deviation sigma of each feature.
     *
     * @return a copy, of length C, or of as many elements as there are statistics
     */
    public float[] std() {
        float[] std = new float[spread.shape().size()];
        for (int j = 0; j < std.length; j++) {
            std[j] = (float) Math.abs(1 / options.parametrization().factor(spread.data()[j]));
        }
        return std;
    }

    /**
     * The elements of an input by the statistic that they belong to.
     *
     * @param x an input
     * @return {@code [..., C]}, each row of which has one element for each statistic, in the order of the elements of
     *     {@link #mean}
     * @throws ShapeException if the last axes are not those of the statistics, if these have any but one axis
     */
    public Tensor rows(Tensor x) {
        return new StatisticsShape(spread.shape()).rows(x);
    }

    @Override
    public Tensor forward(Tensor x) {
        Pass pass = x.pass();
        int c = spread.shape().size();
        float[] factor = new float[c];
        for (int j = 0; j < c; j++) {
            factor[j] = (float) options.parametrization().factor(spread.data()[j]);
        }
        boolean learns = pass.isTraining() && (mean.trainable() || spread.trainable());
        boolean projects = pass.isTraining() && options.projection();
        double[] sums = new double[learns || projects ? 2 * c : 0];
        var statistics = new StatisticsShape(spread.shape());
        Tensor y;
        try {
            Tensor rows = statistics.rows(x);
            if (projects) {
                float[] gain = scale == null ? ones(c) : scale.data();
                rows = StepProjection.of(rows, mean, mean.data(), factor, options.zLimit(), gain, sums);
            }
            Tensor normalized = Normalize.of(
                    rows,
                    mean.data(),
                    factor,
                    options.zLimit(),
                    Affine.use(pass, scale),
                    Affine.use(pass, shift),
                    sums);
            y = statistics.restore(normalized, x.shape());
        } catch (ShapeException e) {
            throw e.at("", this);
        }
        if (learns && x.size() > 0) {
            Tensor term = GaussianLikelihood.of(
                    pass.use(mean), pass.use(spread), varianceFloor.data(), options, (double) x.size() / c, sums);
            pass.addLoss(this, options.weight(), term);
        }
        return pass.observe(this, x, y);
    }

    private static float[] ones(int c) {
        float[] ones = new float[c];
        Arrays.fill(ones, 1);
        return ones;
    }

    /**
     * Sets mean, sigma and variance floor of every such layer of a model to the statistics of its input over the given
     * instances: layer by layer in order of execution, each one seeing the layers before it already set. Sigma becomes
     * {@code sqrt(variance + v)} with {@code v = (relative floor x standard deviation)^2}. A constant feature takes the
     * root mean square of the standard deviations of its layer, or 1 where no relative floor is set.
     *
     * <p>Runs the model once for each such layer and each batch; of the activations only moments are kept, merged with
     * double accumulators and weighted by rows (Chan et al., 1983).
     *
     * @param model any model
     * @param batches inputs of the model, together some 500 instances or more; walked through once for each layer
     * @return the number of layers that were set
     * @throws IllegalArgumentException if there are no instances, the batches can be walked through only once, or a layer sees values that are not finite
     */
    public static int initialize(Layer model, Iterable<Tensor> batches) {
        return Measurement.of("initialize", model, batches, GaussianNormLayer.class::isInstance);
    }

    /**
     * As {@link #initialize(Layer, Iterable)}, from a stream that can be read only once: its first instances are kept, and
     * walked through once for each layer. Memory is that of so many inputs and of the activations of one batch.
     *
     * @param model any model
     * @param stream inputs of the model; read up to the batch in which the number is reached
     * @param instances how many to take, some 500 or more
     * @return the number of layers that were set
     * @throws IllegalArgumentException if the number is below 1, there are no instances, or a layer sees values that are
     *     not finite
     */
    public static int initialize(Layer model, Iterable<Tensor> stream, int instances) {
        if (instances < 1) {
            throw new IllegalArgumentException("initialize: needs at least one instance, but asks for " + instances);
        }
        List<Tensor> kept = new ArrayList<>();
        int missing = instances;
        for (Tensor batch : stream) {
            int taken = Math.min(missing, batch.instances());
            kept.add(batch.rows(0, taken).keep());
            missing -= taken;
            if (missing == 0) {
                break;
            }
        }
        return initialize(model, kept);
    }

    /**
     * Sets mean, sigma and variance floor of every such layer of a model to those of several models of the same build that
     * were trained apart, each on instances of its own: as one that has seen all of them would have it. Moments are merged,
     * not parameters, as the mean of log sigma knows nothing of the distance between the means:
     *
     * <pre>{@code
     * mean = sum w_k mean_k,   sigma^2 = sum w_k (sigma_k^2 - v_k) + sum w_k (mean_k - mean)^2 + v,   v = sum w_k v_k,
     * }</pre>
     *
     * <p>with the weights divided by their sum. Other parameters are left alone. It makes sense as long as a feature means
     * the same in all models: after some steps from a common start, or where the layers before are frozen.
     *
     * @param model receives the statistics; may be one of the parts
     * @param parts the models that were trained apart
     * @param weights for each the number of instances it has seen, or any other weight of at least 0
     * @return the number of layers that were set
     * @throws IllegalArgumentException if there are no parts, weights are not as many or sum up to 0, a layer of the model
     *     is missing in a part or differs in shape or form, or the signs of 1 / sigma differ
     */
    public static int merge(Layer model, List<? extends Layer> parts, double... weights) {
        double total = 0;
        for (double weight : weights) {
            total += weight >= 0 ? weight : Double.NaN;
        }
        if (parts.isEmpty() || weights.length != parts.size() || !(total > 0 && total < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "merge: needs at least one part, and for each a weight of at least 0, not all 0: " + parts.size()
                            + " parts, weights " + Arrays.toString(weights));
        }
        List<Map<String, Layer>> layers =
                parts.stream().map(Layer::layersByPath).toList();
        List<Runnable> changes = new ArrayList<>(); // all or nothing, and a part may be the model
        for (var entry : model.layersByPath().entrySet()) {
            if (entry.getValue() instanceof GaussianNormLayer norm) {
                List<GaussianNormLayer> others = new ArrayList<>();
                for (var part : layers) {
                    if (!(part.get(entry.getKey()) instanceof GaussianNormLayer other)
                            || !other.spread.shape().equals(norm.spread.shape())
                            || other.options.parametrization() != norm.options.parametrization()) {
                        throw new IllegalArgumentException("merge: a part has nothing like " + norm + " of the form "
                                + norm.options.parametrization() + " at " + entry.getKey());
                    }
                    others.add(other);
                }
                changes.add(norm.merged(others, total, weights));
            }
        }
        changes.forEach(Runnable::run);
        return changes.size();
    }

    private Runnable merged(List<GaussianNormLayer> parts, double total, double... weights) {
        int c = spread.shape().size();
        var form = options.parametrization();
        float[] means = new float[c];
        float[] spreads = new float[c];
        float[] floors = new float[c];
        for (int j = 0; j < c; j++) {
            double m = 0;
            double v = 0;
            double squares = 0;
            float first = parts.get(0).spread.data()[j];
            for (int k = 0; k < weights.length; k++) {
                double w = weights[k] / total;
                GaussianNormLayer part = parts.get(k);
                double factor = form.factor(part.spread.data()[j]);
                if (factor * form.factor(first) < 0) {
                    throw new IllegalArgumentException(
                            "merge: 1 / sigma of feature " + j + " has not the same sign in all parts of " + this);
                }
                m += w * part.mean.data()[j];
                v += w * part.varianceFloor.data()[j];
                squares += w
                        * Math.max(0, 1 / (factor * factor) - part.varianceFloor.data()[j]);
            }
            for (int k = 0; k < weights.length; k++) {
                double d = parts.get(k).mean.data()[j] - m;
                squares += weights[k] / total * d * d;
            }
            means[j] = (float) m;
            floors[j] = (float) v;
            double rho = form.spread(Math.sqrt(squares + v));
            spreads[j] = (float) (form == GaussianNormOptions.Parametrization.INV ? Math.copySign(rho, first) : rho);
        }
        return () -> {
            mean.set(means);
            spread.set(spreads);
            varianceFloor.set(floors);
        };
    }

    void initialize(ColumnMoments moments) {
        int c = spread.shape().size();
        double[] std = new double[c];
        double squares = 0;
        for (int j = 0; j < c; j++) {
            double m = moments.mean(j);
            double s = Math.sqrt(moments.variance(j));
            if (!Double.isFinite(m) || !Double.isFinite(s)) {
                throw new IllegalArgumentException(
                        "initialize: " + this + " sees values that are not finite, in feature " + j);
            }
            std[j] = s <= CONSTANT * Math.abs(m) ? 0 : s;
            squares += std[j] * std[j];
        }
        float k = options.relativeFloor();
        double instead = k > 0 && squares > 0 ? Math.sqrt(squares / c) : 1; // for constant features
        float[] means = new float[c];
        float[] spreads = new float[c];
        float[] floors = new float[c];
        for (int j = 0; j < c; j++) {
            double s = std[j] == 0 ? instead : std[j];
            double v = k > 0 ? k * k * s * s : options.varianceFloor();
            means[j] = (float) moments.mean(j);
            spreads[j] = (float) options.parametrization().spread(Math.sqrt(s * s + v));
            floors[j] = (float) v;
        }
        mean.set(means);
        spread.set(spreads);
        varianceFloor.set(floors);
    }

    @Override
    public String toString() {
        return "GaussianNormLayer" + spread.shape();
    }
}
