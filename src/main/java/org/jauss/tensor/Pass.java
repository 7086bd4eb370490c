package org.jauss.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One run through a network: it holds the mode, the random key, the tape and the auxiliary losses, and rides on the
 * tensors. Data enters through {@link #input}, parameters through {@link #use}; a result belongs to the pass of its
 * inputs, and {@link #backward} is the only way to gradients.
 *
 * <p>A pass serves one thread. Any number of passes may use the same model at once.
 */
public final class Pass implements AutoCloseable {
    /** Where tensors without a pass live: inference, nothing is recorded, nothing has to be closed. */
    static final Pass OUTSIDE = new Pass(false, Rng.of(0), 0, true, null, null);

    private final boolean training;
    private final Rng key;
    private final long firstInstance;
    private final boolean wholeBatch;
    private final @Nullable Observer observer;
    private final @Nullable KeyValueCache cache;
    private final List<Tensor> tape = new ArrayList<>();
    private final Map<Parameter, Tensor> leaves = new LinkedHashMap<>();
    /** How often the weight of each step projection was used. */
    private final Map<Parameter, Integer> projections = new HashMap<>();

    private final List<Term> terms = new ArrayList<>();
    private final List<StatisticGradient> statisticGradients = new ArrayList<>();
    private @Nullable Workspace workspace;
    private @Nullable Gradients gathering;
    private long floats;
    private long peakFloats;
    private long instances = -1;
    private int slots;
    private boolean spent;
    private boolean finished;
    private boolean closed;

    private record Term(Object source, float weight, Tensor value) {}

    private record StatisticGradient(Parameter parameter, float[] gradient) {}

    private Pass(
            boolean training,
            Rng key,
            long firstInstance,
            boolean wholeBatch,
            @Nullable Observer observer,
            @Nullable KeyValueCache cache) {
        this.training = training;
        this.key = key;
        this.firstInstance = firstInstance;
        this.wholeBatch = wholeBatch;
        this.observer = observer;
        this.cache = cache;
    }

    /**
     * A pass that records what {@link #backward} needs and in which layers act as in training.
     *
     * @param rng the source from which this pass splits its own random key
     * @return the pass, to be closed
     */
    public static Pass training(Rng rng) {
        return new Pass(true, rng.split(), 0, true, null, null);
    }

    /**
     * A training pass that is looked at.
     *
     * @param rng the source from which this pass splits its own random key
     * @param observer sees what goes in and out of each layer, and the ops
     * @return the pass, to be closed
     */
    public static Pass training(Rng rng, Observer observer) {
        return new Pass(true, rng.split(), 0, true, observer, null);
    }

    /**
     * A training pass over a part of a batch. All parts of one batch take the same key: a random layer then treats each
     * instance as it would have in a pass over the whole batch.
     *
     * @param key the random key of the batch; it is not changed
     * @param from the position of the part's first instance in the batch
     * @param to the position after its last instance
     * @param batch the number of instances in the batch
     * @return the pass, to be closed
     * @throws ShapeException if the part is not within the batch
     */
    public static Pass trainingPart(Rng key, int from, int to, int batch) {
        return trainingPart(key, from, to, batch, null);
    }

    /**
     * As {@link #trainingPart(Rng, int, int, int)}, looked at.
     *
     * @param key the random key of the batch; it is not changed
     * @param from the position of the part's first instance in the batch
     * @param to the position after its last instance
     * @param batch the number of instances in the batch
     * @param observer sees what goes in and out of each layer, and the ops; nobody if null
     * @return the pass, to be closed
     * @throws ShapeException if the part is not within the batch
     */
    public static Pass trainingPart(Rng key, int from, int to, int batch, @Nullable Observer observer) {
        Sliceable.checkRange(from, to, batch);
        var part = new Pass(true, key.copy(), from, to - from == batch, observer, null);
        part.instances = (long) to - from;
        return part;
    }

    /**
     * A pass that records nothing and in which layers act as in use.
     *
     * @return the pass, to be closed
     */
    public static Pass inference() {
        return new Pass(false, Rng.of(0), 0, true, null, null);
    }

    /**
     * An inference pass that is looked at.
     *
     * @param observer sees what goes in and out of each layer
     * @return the pass, to be closed
     */
    public static Pass observing(Observer observer) {
        return new Pass(false, Rng.of(0), 0, true, observer, null);
    }

    /**
     * An inference pass over the next steps of sequences whose earlier steps went through passes with the same cache:
     * attention, positions and recurrent layers go on where those ended. One run of the model per pass: after a run that
     * failed, or a second one, the next says that the cache is out of step.
     *
     * @param cache what the model remembers of the earlier steps, empty at first
     * @return the pass, to be closed
     */
    public static Pass generating(KeyValueCache cache) {
        cache.begin();
        return new Pass(false, Rng.of(0), 0, true, null, cache);
    }

    /**
     * The pass to which the result of an op on these tensors belongs. Tensors outside any pass count as constants.
     *
     * @param inputs the inputs of the op
     * @return their common pass
     * @throws IllegalStateException if they belong to two passes, one of them for training, or if the pass is closed
     */
    public static Pass of(Tensor... inputs) {
        Pass common = OUTSIDE;
        for (Tensor input : inputs) {
            Pass pass = input.pass();
            pass.requireOpen();
            if (pass == OUTSIDE || pass == common) {
                continue;
            }
            if (common != OUTSIDE && (common.training || pass.training)) {
                throw new IllegalStateException("an op has inputs from two passes: take one of them out of its pass"
                        + " with keep(), or run both through one pass");
            }
            common = pass;
        }
        return common;
    }

    /**
     * Whether layers act as in training and ops are recorded.
     *
     * @return the mode
     */
    public boolean isTraining() {
        return training;
    }

    /**
     * Brings data into the pass; the data is shared, not copied. The first dimension of the first input counts the
     * instances of the pass.
     *
     * @param x a tensor outside any pass, or already in this one
     * @return the tensor in this pass; it gets no gradient
     * @throws IllegalStateException if it belongs to another pass, or if this pass is closed
     */
    public Tensor input(Tensor x) {
        requireOpen();
        if (x.pass() == this) {
            return x;
        }
        if (x.pass() != OUTSIDE) {
            throw new IllegalStateException("input: the tensor belongs to another pass: take it out with keep()");
        }
        if (instances < 0) {
            instances = x.shape().rank() == 0 ? 1 : x.shape().dim(0);
        }
        return new Tensor(x.shape(), x.data(), x.offset(), this, false, null).ofInstances(true);
    }

    /**
     * A parameter as a tensor of this pass: the leaf that its gradient gathers in, one per parameter.
     *
     * @param parameter the parameter; its values are shared, not copied
     * @return the leaf, tracked in training unless the parameter is frozen
     */
    public Tensor use(Parameter parameter) {
        requireOpen();
        if (!training) {
            return new Tensor(parameter.shape(), parameter.data(), 0, this, false, null);
        }
        return leaves.computeIfAbsent(parameter, p -> new Tensor(p.shape(), p.data(), 0, this, p.trainable(), null));
    }

    /**
     * A random key of its own for the next layer that needs one: the same for the same position in the pass.
     *
     * @return the key
     */
    public Rng nextKey() {
        return key.split();
    }

    /**
     * What the next layer that depends on earlier steps remembers of them: the same for the same position in the pass.
     *
     * @return its part of the cache, or null outside of {@link #generating}
     */
    public KeyValueCache.@Nullable Slot nextSlot() {
        return cache == null ? null : cache.slot(slots++);
    }

    /**
     * The position in its batch of the pass's first instance.
     *
     * @return the position, 0 unless the pass covers a part of a batch
     */
    public long firstInstance() {
        return firstInstance;
    }

    /**
     * How many elements of a tensor over the whole batch come before those of this pass: for random layers, so that an
     * instance sees the same numbers in any part of its batch. An instance may fill several rows in a row, as in
     * {@code [N T, C]}; a tensor made of weights alone has no instances, and none before.
     *
     * @param x a tensor of this pass, the instances along its first axis
     * @return the number, 0 in a pass over a whole batch
     * @throws ShapeException in a part of a batch, if the first axis does not count its instances
     */
    public long elementsBefore(Tensor x) {
        return elementsBefore(x, x.shape());
    }

    /** The same for a tensor of another shape that descends from {@code x}. */
    long elementsBefore(Tensor x, Shape shape) {
        if (firstInstance == 0 || !x.isOfInstances() || shape.size() == 0) {
            return 0;
        }
        int rows = shape.rank() == 0 ? 1 : shape.dim(0);
        if (rows % instances != 0) {
            throw new ShapeException("part of a batch: the first axis does not count the " + instances + " instances: "
                    + shape + "; keep them on the first axis up to every random layer");
        }
        return firstInstance * (shape.size() / instances);
    }

    /**
     * Adds a term to the loss of this pass: {@link #backward} includes it. Outside training it has no effect.
     *
     * @param source the layer that adds it
     * @param weight its weight
     * @param term a scalar: a mean over the instances of this pass
     * @throws ShapeException if it is not a scalar
     * @throws IllegalStateException if it belongs to another training pass, or if this pass is closed or its gradients
     *     were taken already
     */
    public void addLoss(Object source, float weight, Tensor term) {
        requireOpen();
        requireGradientsToCome("auxiliary loss");
        requireScalar("auxiliary loss", term);
        if (training) {
            if (term.pass() != this && term.tracked()) {
                throw new IllegalStateException("auxiliary loss: the term belongs to another pass");
            }
            terms.add(new Term(source, weight, term));
        }
    }

    /**
     * Adds a gradient that did not come by way of the tape, for a statistic that a layer tracks: an average over the
     * instances of this pass. It is scaled like an auxiliary loss. Without effect outside training and for frozen
     * parameters.
     *
     * @param parameter the statistic
     * @param gradient its gradient; used, not copied
     * @throws ShapeException if its length does not fit
     * @throws IllegalStateException if the gradients of this pass were taken already
     */
    public void addGradient(Parameter parameter, float[] gradient) {
        requireOpen();
        requireGradientsToCome("gradient");
        if (gradient.length != parameter.shape().size()) {
            throw new ShapeException("gradient: " + gradient.length + " values for shape " + parameter.shape());
        }
        if (training && parameter.trainable()) {
            statisticGradients.add(new StatisticGradient(parameter, gradient));
        }
    }

    /**
     * The auxiliary losses so far.
     *
     * @return source, weight and value of each, in order
     */
    public List<AuxiliaryLoss> losses() {
        return terms.stream()
                .map(term -> new AuxiliaryLoss(
                        term.source(), term.weight(), term.value().item()))
                .toList();
    }

    /**
     * Says that a layer's result for one instance depends on the others of the batch: gradients of the parts of a batch
     * then do not add up to the gradient of the batch.
     *
     * @param source the layer
     * @throws IllegalStateException if this pass covers only a part of its batch
     */
    public void requireWholeBatch(Object source) {
        if (!wholeBatch) {
            throw new IllegalStateException(
                    source + " computes statistics over the batch, so gradients of micro-batches"
                            + " do not add up to the gradient of the batch: take the batch as a whole, or normalise by"
                            + " GaussianNormLayer or LayerNormLayer");
        }
    }

    /**
     * Shows a layer at work to the observer of this pass, if it has one. Every layer of the library that is not a mere
     * container of others ends with it.
     *
     * @param layer the layer
     * @param x its input
     * @param y its output
     * @return the output
     */
    public Tensor observe(Object layer, Tensor x, Tensor y) {
        if (observer != null) {
            observer.see(layer, x, y);
        }
        return y;
    }

    void observePropagated(Tensor result) {
        if (observer != null) {
            observer.propagated(result);
        }
    }

    /**
     * An array for the result of an op, or for what backward needs besides. It belongs to the pass: at the close, another
     * pass may get it.
     *
     * @param size the number of elements
     * @return an array of zeros
     */
    public float[] allocate(int size) {
        if (this == OUTSIDE) {
            return new float[size];
        }
        float[] array = array(size);
        Arrays.fill(array, 0);
        return array;
    }

    /**
     * As {@link #allocate}, for an op that writes every element.
     *
     * @param size the number of elements
     * @return an array of arbitrary contents
     */
    public float[] array(int size) {
        if (this == OUTSIDE) {
            return new float[size];
        }
        floats += size;
        peakFloats = Math.max(peakFloats, floats);
        return workspace().lend(size);
    }

    /** The parameter that a tensor stands for, else null. */
    @Nullable
    Parameter parameterOf(Tensor leaf) {
        for (var entry : leaves.entrySet()) {
            if (entry.getValue() == leaf) {
                return entry.getKey();
            }
        }
        return null;
    }

    void countProjection(Parameter weight) {
        projections.merge(weight, 1, Integer::sum);
    }

    /** Whether the rows of a single projection may well be all of the step. */
    boolean mayBeStep(Parameter weight) {
        return wholeBatch && projections.getOrDefault(weight, 0) == 1;
    }

    /** What gathers the gradients, while backward runs. */
    Gradients gathering() {
        return Objects.requireNonNull(gathering);
    }

    /** An array of arbitrary contents for the gradient of a parameter: it lives as long as what gathers it. */
    float[] parameterArray(int size) {
        return gathering == null ? new float[size] : gathering.array(size);
    }

    private Workspace workspace() {
        requireOpen();
        Workspace own = workspace;
        if (own == null) {
            own = Workspace.borrow();
            workspace = own;
        }
        return own;
    }

    /** Takes back an array that nobody needs any more; false if the pass has not handed it out. */
    boolean recycle(float[] array) {
        boolean known = workspace != null && workspace.takeBack(array);
        if (known) {
            floats -= array.length;
        }
        return known;
    }

    /**
     * The memory that activations, their gradients and what ops keep for the backward pass take, the gradients of
     * parameters apart.
     *
     * @return what the pass has now, and the most that it had at once
     */
    public PassMemory memory() {
        return new PassMemory(Float.BYTES * floats, Float.BYTES * peakFloats);
    }

    /**
     * Says that a result will not be read any more: for containers of layers, which know that nobody else has it. In an
     * inference pass its memory is used again, and reading it throws; in training, where backward may need it, this has
     * no effect.
     *
     * @param x a result of this pass
     * @param y what was made from it
     * @param given what the container itself was given: neither that nor a view of it is touched
     */
    public void consumed(Tensor x, Tensor y, Tensor given) {
        if (!training && this != OUTSIDE && observer == null && cache == null && x.pass() == this && y.pass() == this) {
            x.consumedBy(y, given);
        }
    }

    /**
     * Makes the result of an op and, if an input is tracked, puts the op on the tape.
     *
     * @param op what leads back from the result
     * @param shape the shape of the result
     * @param data the elements of the result, from {@link #array} or {@link #allocate}
     * @param inputs the inputs of the op
     * @return the result
     */
    public Tensor record(Op op, Shape shape, float[] data, Tensor... inputs) {
        boolean tracked = isAnyTracked(inputs);
        return record(op, new Tensor(shape, data, 0, this, tracked, tracked ? op : null), inputs);
    }

    /** Makes a result that is computed when it is read; at once outside any pass, where threads may share it. */
    Tensor record(Op op, Shape shape, Deferred deferred, Tensor... inputs) {
        if (this == OUTSIDE || shape.size() == 0) {
            float[] y = array(shape.size());
            deferred.compute(y);
            return record(op, shape, y, inputs);
        }
        boolean tracked = isAnyTracked(inputs);
        return record(op, new Tensor(shape, deferred, this, tracked, tracked ? op : null), inputs);
    }

    private static boolean isAnyTracked(Tensor... inputs) {
        boolean tracked = false;
        for (Tensor input : inputs) {
            tracked |= input.tracked();
        }
        return tracked;
    }

    private Tensor record(Op op, Tensor result, Tensor... inputs) {
        boolean ofInstances = false;
        for (Tensor input : inputs) {
            ofInstances |= input.isOfInstances();
        }
        result.ofInstances(ofInstances);
        if (result.tracked()) {
            tape.add(result);
        }
        if (observer != null) {
            observer.recorded(op, result, inputs);
        }
        return result;
    }

    /**
     * The gradients of the loss and of all auxiliary losses with respect to every parameter used. Once per pass.
     *
     * @param loss a scalar of this pass
     * @return the gradients
     * @throws ShapeException if the loss is not a scalar
     * @throws IllegalStateException if the loss belongs to another pass or depends on no trainable parameter, or if the
     *     gradients of this pass were taken already
     * @throws ArithmeticException if the loss is infinite or not a number
     */
    public Gradients backward(Tensor loss) {
        return backward(loss, 1);
    }

    /**
     * As {@link #backward(Tensor)}, with one common scale on the loss and all auxiliary losses: for a part of a batch,
     * its share of the instances.
     *
     * @param loss a scalar of this pass: a mean over its instances
     * @param scale the common factor
     * @return the gradients
     */
    public Gradients backward(Tensor loss, float scale) {
        var gradients = Gradients.of(this, workspace());
        backward(loss, scale, gradients);
        return gradients;
    }

    /**
     * As {@link #backward(Tensor, float)}, adding to gradients that exist already: accumulation without a copy.
     *
     * @param loss a scalar of this pass: a mean over its instances
     * @param scale the common factor
     * @param into gathers the gradients
     */
    public void backward(Tensor loss, float scale, Gradients into) {
        requireOpen();
        requireScalar("loss", loss);
        if (loss.pass() != this) {
            throw new IllegalStateException("backward: the loss belongs to "
                    + (loss.pass() == OUTSIDE
                            ? "no pass: bring the data in with pass.input(...), and do not take the loss out with keep()"
                            : "another pass"));
        }
        if (!training) {
            throw new IllegalStateException("backward: this is an inference pass: use Pass.training(rng)");
        }
        requireGradientsToCome("backward");
        if (!loss.tracked()) {
            throw new IllegalStateException("backward: the loss depends on no trainable parameter of this pass");
        }
        if (!Float.isFinite(loss.item())) {
            throw new ArithmeticException(
                    "backward: the loss is " + loss.item() + ": nothing was updated; look for values"
                            + " that are not finite in the inputs, lower the learning rate, clip the gradients, or initialize the"
                            + " GaussianNormLayers");
        }
        spent = true;
        into.reopen(); // as here comes another part
        gathering = into;
        leaves.forEach((parameter, leaf) -> {
            if (leaf.tracked()) {
                into.prepare(parameter, leaf);
            }
        });
        loss.grad()[loss.offset()] += scale;
        for (Term term : terms) {
            if (term.value().tracked()) {
                term.value().grad()[term.value().offset()] += scale * term.weight();
            }
        }
        while (!tape.isEmpty()) {
            tape.remove(tape.size() - 1).propagate();
        }
        leaves.forEach((parameter, leaf) -> {
            if (leaf.hasGrad()) {
                into.adopt(parameter, leaf.grad());
            }
        });
        for (StatisticGradient statistic : statisticGradients) {
            float[] sum = into.accumulator(statistic.parameter());
            for (int i = 0; i < sum.length; i++) {
                sum[i] += scale * statistic.gradient()[i];
            }
        }
        into.count(Math.max(instances, 0), scale);
        finished = true;
    }

    /**
     * Ends the pass: its tensors can no longer be used, nor gradients that an optimiser has used, and their arrays go to
     * other passes. Copy results out before, with item(), toArray() or keep().
     */
    @Override
    public void close() {
        if (this == OUTSIDE) {
            return;
        }
        if (gathering != null) {
            gathering.reopen();
        }
        closed = true;
        tape.forEach(Tensor::forget);
        tape.clear();
        leaves.clear();
        terms.clear();
        statisticGradients.clear();
        if (workspace != null) {
            if (gathering != null && gathering.belongsTo(this)) {
                gathering.kept().forEach(workspace::forget);
            }
            Workspace.giveBack(workspace);
            workspace = null;
        }
        floats = 0;
    }

    boolean isOpen() {
        return !closed;
    }

    /** After backward, what has not been computed yet might see other parameters than the rest did. */
    void requireComputable() {
        if (finished) {
            throw new IllegalStateException("this tensor was not computed before backward, as nothing had asked for its"
                    + " elements: read it before backward");
        }
    }

    void requireOpen() {
        if (closed) {
            throw new IllegalStateException("this tensor's pass is closed: copy results out before the close, with"
                    + " item(), toArray() or keep()");
        }
    }

    private void requireGradientsToCome(String what) {
        if (spent) {
            throw new IllegalStateException(what + ": the gradients of this pass were taken already: the tape is used"
                    + " up, start another pass");
        }
    }

    private static void requireScalar(String what, Tensor tensor) {
        if (tensor.size() != 1) {
            throw new ShapeException(what + ": must be a scalar: " + tensor.shape() + " (" + tensor.size()
                    + " elements != 1); reduce it with mean() or sum()");
        }
    }
}
