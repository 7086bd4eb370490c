package org.jauss.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jauss.kernels.Parallel;
import org.jspecify.annotations.Nullable;

/**
 * Gradients as a value: an array for each parameter that took part in a pass, in the order of first use, and the number
 * of instances they come from. Accumulation over micro-batches, clipping and data parallelism are arithmetic on it.
 *
 * <p>{@link Parameter#isStatistic Statistics} are left out of norms and clipping.
 */
public final class Gradients {
    private final Map<Parameter, float[]> arrays = new LinkedHashMap<>();
    /** What gradients still lack, to be applied when they are read: by then all parts of the step are there. */
    private final Map<Projected, ProjectionSums> projections = new LinkedHashMap<>();
    /** The parameters to whose gradients that has been applied. */
    private final Set<Parameter> projected = new HashSet<>();
    /** Sums of earlier steps, to be used again. */
    private final Map<Projected, ProjectionSums> spareProjections = new HashMap<>();
    /** Arrays of arbitrary contents, to be used again. */
    private final Map<Parameter, float[]> spare = new HashMap<>();
    /** The pass that made them, if they were not made by hand. */
    private final @Nullable Pass owner;
    /** Where the arrays come from, if not from the heap. */
    private final @Nullable Workspace workspace;

    private boolean released;

    private long instances;
    /** The sum of the scales of all passes: 1 if they are the parts of one batch. */
    private double scales;

    /** A weight, and what tells apart the normalisations behind it. */
    private record Projected(Parameter weight, Object norm) {}

    /** No gradients yet: the start of an accumulation. */
    public Gradients() {
        this(null, null);
    }

    private Gradients(@Nullable Pass owner, @Nullable Workspace workspace) {
        this.owner = owner;
        this.workspace = workspace;
    }

    /** Gradients that a pass makes. */
    static Gradients of(Pass owner, Workspace workspace) {
        return new Gradients(owner, workspace);
    }

    /** A new array of arbitrary contents; from the heap once the pass has closed, whose arrays others have from then on. */
    float[] array(int size) {
        return workspace == null || (owner != null && !owner.isOpen()) ? new float[size] : workspace.lend(size);
    }

    boolean belongsTo(Pass pass) {
        return owner == pass;
    }

    /**
     * Says that all parts of the step are there: what waits for that, a step projection, is carried out, and no further
     * part can be added to it. Reading a gradient says the same. While the pass is open that needs no sums, if it was the
     * only one.
     *
     * @return these gradients
     */
    public Gradients complete() {
        projections.forEach((key, sums) -> {
            float[] gradient = arrays().get(key.weight);
            if (gradient != null) {
                sums.close(key.weight, gradient);
            }
            projected.add(key.weight);
        });
        dropProjections();
        return this;
    }

    /** Makes ready for further parts of a step what a pass has projected as if there were none. */
    void reopen() {
        projections.forEach((key, sums) -> {
            float[] gradient = arrays.get(key.weight);
            if (gradient != null) {
                sums.reopen(key.weight, gradient);
            }
        });
    }

    /** The sums of a step projection to add to. */
    ProjectionSums projection(Parameter weight, Object norm, StepProjection form) {
        requireNotProjected(weight);
        return projections.computeIfAbsent(
                new Projected(weight, norm), key -> ProjectionSums.of(form, this, spareProjections.remove(key)));
    }

    private void dropProjections() {
        if (workspace == null) { // else their arrays go back to it
            spareProjections.putAll(projections);
        }
        projections.clear();
    }

    private void requireNotProjected(Parameter weight) {
        if (projected.contains(weight)) {
            throw new IllegalStateException(
                    "step projection: these gradients were read, which completed the step, so none"
                            + " can be added to that of " + weight
                            + ": read them when all parts of the step are there");
        }
    }

    private void requireNotPending(Parameter weight) {
        if (projections.keySet().stream().anyMatch(key -> key.weight == weight)) {
            throw new IllegalStateException(
                    "step projection: the gradients to be added were read, which completed their"
                            + " step, and others of " + weight
                            + " were not: read none before all parts of the step are there");
        }
    }

    private Map<Parameter, float[]> arrays() {
        if (released && owner != null && !owner.isOpen()) {
            throw new IllegalStateException("these gradients were released, as an optimizer's step does, and their pass"
                    + " is closed: take a copy() before");
        }
        return arrays;
    }

    /**
     * Says that the gradients have been used. If a pass has made them, their memory goes to other passes once that one is
     * closed, and reading them throws from then on; without effect on gradients that you gather yourself. An optimiser's
     * step does this.
     */
    public void release() {
        released = true;
    }

    /** What outlives the pass that made it. */
    Iterable<float[]> kept() {
        if (released) {
            return List.of();
        }
        List<float[]> kept = new ArrayList<>(arrays.values());
        projections.values().forEach(sums -> kept.addAll(Arrays.asList(sums.arrays())));
        return kept;
    }

    /**
     * The parameters that have a gradient, in the order of their first use.
     *
     * @return a view
     */
    public Set<Parameter> parameters() {
        return Collections.unmodifiableSet(arrays().keySet());
    }

    /**
     * Whether a parameter has a gradient.
     *
     * @param parameter the parameter
     * @return whether it has one
     */
    public boolean contains(Parameter parameter) {
        return arrays().containsKey(parameter);
    }

    /**
     * The gradient of a parameter.
     *
     * @param parameter the parameter
     * @return the array itself, in the parameter's layout
     * @throws IllegalArgumentException if it has none
     */
    public float[] of(Parameter parameter) {
        float[] array = complete().arrays().get(parameter);
        if (array == null) {
            throw new IllegalArgumentException(parameter + " has no gradient here"
                    + (parameter.trainable() ? "" : ", as it is frozen") + "; contains() tells beforehand");
        }
        return array;
    }

    /**
     * The number of instances that the gradients come from.
     *
     * @return the number
     */
    public long instances() {
        return instances;
    }

    /** Lets a leaf add to the gradient of its parameter, or overwrite an array from before {@link #clear}. */
    void prepare(Parameter parameter, Tensor leaf) {
        float[] sum = arrays.get(parameter);
        if (sum != null) {
            leaf.gatherIn(sum, false);
            return;
        }
        float[] array = spare.get(parameter);
        if (array != null) {
            leaf.gatherIn(array, true);
        }
    }

    /** Takes the array that a leaf gathered its gradient in. */
    void adopt(Parameter parameter, float[] gathered) {
        arrays.put(parameter, gathered);
        spare.remove(parameter);
    }

    /** The array to add to: all zeros at first. */
    float[] accumulator(Parameter parameter) {
        float[] sum = arrays().get(parameter);
        if (sum == null) {
            sum = spare.remove(parameter);
            if (sum == null) {
                sum = array(parameter.shape().size());
            }
            Arrays.fill(sum, 0);
            arrays.put(parameter, sum);
        }
        return sum;
    }

    /**
     * Starts again from nothing, with the same arrays: for a loop that gathers the gradients of one batch after another.
     *
     * @return these gradients
     */
    public Gradients clear() {
        spare.putAll(arrays());
        arrays.clear();
        dropProjections();
        projected.clear();
        instances = 0;
        scales = 0;
        return this;
    }

    void count(long moreInstances, double scale) {
        instances += moreInstances;
        scales += scale;
    }

    /**
     * The average of a statistic's gradient over the passes: what its {@link Update} takes. The gradient itself if the
     * passes were the parts of one batch, each by its share; else, as where whole batches were added up, the gradient
     * over the sum of their scales.
     *
     * @param statistic the parameter
     * @return the array itself or a scaled copy
     * @throws IllegalArgumentException if it has no gradient
     */
    public float[] average(Parameter statistic) {
        float[] sum = of(statistic);
        if (scales == 0 || Math.abs(scales - 1) < 1e-4) { // set by hand, or the rounding of shares
            return sum;
        }
        float[] average = sum.clone();
        scale(average, (float) (1 / scales));
        return average;
    }

    /**
     * Sets the gradient of a parameter: for gradients that were computed elsewhere.
     *
     * @param parameter the parameter
     * @param gradient its gradient, in the parameter's layout; copied
     * @return these gradients
     * @throws ShapeException if the length does not fit
     */
    public Gradients set(Parameter parameter, float... gradient) {
        if (gradient.length != parameter.shape().size()) {
            throw new ShapeException("gradient: " + gradient.length + " values for shape " + parameter.shape());
        }
        projections.keySet().removeIf(key -> key.weight == parameter);
        arrays().put(parameter, gradient.clone());
        return this;
    }

    /**
     * Adds other gradients, and their instances, to these.
     *
     * @param other gradients of the same or of other parameters
     * @return these gradients
     */
    public Gradients add(Gradients other) {
        var others = other.arrays();
        reopen();
        other.reopen();
        other.projected.forEach(this::requireNotPending);
        other.projections.keySet().forEach(key -> requireNotProjected(key.weight));
        other.projections.forEach((key, more) -> projections
                .computeIfAbsent(key, same -> more.fresh(this, spareProjections.remove(same)))
                .add(more));
        projected.addAll(other.projected);
        others.forEach((parameter, more) -> {
            float[] sum = accumulator(parameter);
            add(sum.length, more, 0, sum, 0);
        });
        instances += other.instances;
        scales += other.scales;
        return this;
    }

    /** The gradients of one part of a batch. */
    @FunctionalInterface
    public interface Part {
        /**
         * Gathers them.
         *
         * @param part which part, from 0
         * @param into gathers them, empty at first; not to be kept
         */
        void gather(int part, Gradients into);
    }

    /**
     * Adds the gradients of several parts, which are gathered on several threads at once. They are added in the order of
     * the parts, so the bits do not depend on the number of threads.
     *
     * @param parts how many parts
     * @param part gathers the gradients of each
     * @return these gradients
     */
    public Gradients addParts(int parts, Part part) {
        if (parts == 1) {
            part.gather(0, this);
            return this;
        }
        Gradients[] sums = new Gradients[parts];
        Parallel.forChunks(parts, 1, (from, to) -> {
            // What only lives until it is added comes from the arrays of earlier steps.
            sums[from] = from == 0 ? this : new Gradients(null, Workspace.borrow());
            part.gather(from, sums[from]);
        });
        for (int i = 1; i < parts; i++) {
            add(sums[i]);
            Workspace.giveBack(Objects.requireNonNull(sums[i].workspace));
        }
        return this;
    }

    /**
     * Multiplies all gradients by a factor.
     *
     * @param factor the factor
     * @return these gradients
     */
    public Gradients scale(float factor) {
        arrays().values().forEach(array -> scale(array, factor));
        projections.values().forEach(sums -> sums.scale(factor));
        scales *= factor;
        return this;
    }

    /**
     * The Euclidean norm over all elements, statistics left out.
     *
     * @return the norm
     */
    public double norm() {
        double sum = 0;
        for (var entry : complete().arrays().entrySet()) {
            if (!entry.getKey().isStatistic()) {
                for (float g : entry.getValue()) {
                    sum += (double) g * g;
                }
            }
        }
        return Math.sqrt(sum);
    }

    /**
     * Scales the gradients so that their {@link #norm} is at most {@code limit}, statistics left alone: the factor is
     * {@code min(1, limit / (norm + 1e-6))}, as in PyTorch.
     *
     * @param limit the largest norm, above 0
     * @return the norm before clipping
     * @throws IllegalArgumentException if the limit is not above 0
     */
    public double clipNorm(double limit) {
        requirePositive("norm", limit);
        double norm = norm();
        float factor = (float) (limit / (norm + 1e-6));
        if (factor < 1) {
            complete().arrays().forEach((parameter, array) -> {
                if (!parameter.isStatistic()) {
                    scale(array, factor);
                }
            });
        }
        return norm;
    }

    /**
     * Clips every element to {@code [-limit, limit]}, statistics left alone.
     *
     * @param limit the largest magnitude, above 0
     * @return these gradients
     * @throws IllegalArgumentException if the limit is not above 0
     */
    public Gradients clipValue(float limit) {
        requirePositive("value", limit);
        complete().arrays().forEach((parameter, array) -> {
            if (!parameter.isStatistic()) {
                for (int i = 0; i < array.length; i++) {
                    array[i] = Math.min(Math.max(array[i], -limit), limit);
                }
            }
        });
        return this;
    }

    /**
     * A copy that further additions do not touch.
     *
     * @return the copy
     */
    public Gradients copy() {
        return new Gradients().add(this);
    }

    /**
     * {@code y += x}, of not too many elements. In plain Java: vector code that runs once in a step is compiled only after
     * hundreds of them, and makes an object of every vector until then.
     */
    static void add(int n, float[] x, int xo, float[] y, int yo) {
        for (int i = 0; i < n; i++) {
            y[yo + i] += x[xo + i];
        }
    }

    private static void scale(float[] array, float factor) {
        for (int i = 0; i < array.length; i++) {
            array[i] *= factor;
        }
    }

    private static void requirePositive(String what, double limit) {
        if (!(limit > 0)) {
            throw new IllegalArgumentException("clip by " + what + ": the limit must be above 0, but is " + limit);
        }
    }

    @Override
    public String toString() {
        return "Gradients of " + arrays.size() + " parameters, "
                + arrays.values().stream().mapToInt(array -> array.length).sum() + " elements, " + instances
                + " instances";
    }
}
