package org.jauss.optimizers;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;
import org.jauss.kernels.Parallel;
import org.jauss.tensor.Gradients;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Update;
import org.jspecify.annotations.Nullable;

/**
 * Lets parameters follow their gradients by a {@link Rule}, and keeps what the rule has to remember of each.
 *
 * <p>It is strict: every trainable parameter must have a gradient, and every gradient must belong to a parameter that
 * it knows. A layer that is not connected, or a loss that got lost, shows at the first step.
 *
 * <p>All parameters are changed in one sweep, several threads taking parts of it; the bits do not depend on their number.
 *
 * <p>Some parameters may follow another rule, and some may be spared weight decay; which, is told by name or shape:
 *
 * <pre>{@code
 * var optimizer = Optimizer.of(model.parameters(), AdamW.of(1e-3f))
 *         .withRule((name, p) -> name.startsWith("encoder."), AdamW.of(1e-5f))
 *         .withoutWeightDecay((name, p) -> p.shape().rank() < 2);
 * }</pre>
 */
public final class Optimizer {
    private static final String STEPS = "steps";

    /** Elements that are changed in one go: parameters are cut into such units, which the tasks share. */
    private static final int UNIT = 1 << 12;

    /** Units that are worth a task. */
    private static final int TASK = 16;

    /** The rule of all other parameters comes first. */
    private final List<Group> groups;

    private final Entry[] entries;
    private long steps;

    private record Group(Rule rule, List<String> slots) {
        static Group of(Rule rule) {
            return new Group(rule, List.copyOf(rule.slots()));
        }
    }

    /** What is kept of one parameter; the slots are made at its first step, so that a frozen one has none. */
    private static final class Entry {
        final String name;
        final Parameter parameter;
        final int group;
        final boolean exempt;
        final @Nullable Update update;
        float @Nullable [][] slots;
        long steps;

        Entry(String name, Parameter parameter, int group, boolean exempt) {
            this.name = name;
            this.parameter = parameter;
            this.group = group;
            this.exempt = exempt;
            this.update = parameter.update().orElse(null);
        }
    }

    /** A step of one parameter, the units of which are numbered from {@code start} on. */
    private record Change(Entry entry, Rule rule, float[] gradient, float[][] slots, float rate, int start, int end) {
        /** Changes what a task of the units {@code from} to {@code to} has of the parameter. */
        void apply(int from, int to) {
            if (rule.elementWise()) {
                int first = Math.max(from, start);
                int last = Math.min(to, end);
                if (first < last) {
                    update((first - start) * UNIT, last == end ? gradient.length : (last - start) * UNIT);
                }
            } else if (from <= start && start < Math.min(to, end)) {
                update(0, gradient.length); // the task that has the first unit does it all
            }
        }

        private void update(int from, int to) {
            Parameter parameter = entry.parameter;
            boolean decays = parameter.weightDecay() && !entry.exempt;
            rule.update(from, to, parameter.data(), gradient, slots, entry.steps, rate, decays);
        }
    }

    private Optimizer(Entry[] entries, List<Group> groups) {
        this.entries = entries;
        this.groups = groups;
    }

    /**
     * An optimiser that has made no step yet.
     *
     * @param parameters the parameters by name, such as {@code layers.1.weight}; one under several names counts once,
     *     under the first
     * @param rule how they follow their gradients
     * @return the optimiser
     */
    public static Optimizer of(Map<String, Parameter> parameters, Rule rule) {
        Map<Parameter, Entry> entries = new LinkedHashMap<>();
        parameters.forEach((name, parameter) -> entries.putIfAbsent(parameter, new Entry(name, parameter, 0, false)));
        return new Optimizer(entries.values().toArray(Entry[]::new), List.of(Group.of(rule)));
    }

    /**
     * The same optimiser with another rule, which has a learning rate of its own, for some of the parameters. Those
     * that bring their own {@link Update} keep that.
     *
     * @param which tells the parameters by name or shape
     * @param other their rule
     * @return an optimiser that has made no step yet
     * @throws IllegalArgumentException if there is no such parameter, or one has a rule of its own already
     * @throws IllegalStateException if this optimiser has made a step
     */
    public Optimizer withRule(BiPredicate<String, Parameter> which, Rule other) {
        requireNoStep("withRule");
        var changed = entries.clone();
        boolean any = false;
        for (int e = 0; e < entries.length; e++) {
            Entry entry = entries[e];
            if (entry.update == null && which.test(entry.name, entry.parameter)) {
                if (entry.group != 0) {
                    throw new IllegalArgumentException("withRule: " + entry.name + " has a rule of its own already: "
                            + groups.get(entry.group).rule());
                }
                changed[e] = new Entry(entry.name, entry.parameter, groups.size(), entry.exempt);
                any = true;
            }
        }
        requireAny("withRule", any);
        var more = new ArrayList<>(groups);
        more.add(Group.of(other));
        return new Optimizer(changed, List.copyOf(more));
    }

    /**
     * The same optimiser without weight decay for some of the parameters. Biases and the scales and shifts of
     * normalisations are vectors, so {@code (name, p) -> p.shape().rank() < 2} spares them all, as is usual;
     * {@code (name, p) -> name.endsWith("bias")} spares the biases. For a parameter that no optimiser should decay
     * there is {@link Parameter#withoutWeightDecay}.
     *
     * @param which tells the parameters by name or shape
     * @return an optimiser that has made no step yet
     * @throws IllegalArgumentException if there is no such parameter
     * @throws IllegalStateException if this optimiser has made a step
     */
    public Optimizer withoutWeightDecay(BiPredicate<String, Parameter> which) {
        requireNoStep("withoutWeightDecay");
        var changed = entries.clone();
        boolean any = false;
        for (int e = 0; e < entries.length; e++) {
            Entry entry = entries[e];
            if (which.test(entry.name, entry.parameter)) {
                changed[e] = new Entry(entry.name, entry.parameter, entry.group, true);
                any = true;
            }
        }
        requireAny("withoutWeightDecay", any);
        return new Optimizer(changed, groups);
    }

    private void requireNoStep(String what) {
        if (steps > 0) {
            throw new IllegalStateException(what + ": must come before the first step, but " + steps + " were made");
        }
    }

    private void requireAny(String what, boolean any) {
        if (!any) {
            throw new IllegalArgumentException(what + ": no such parameter among "
                    + Arrays.stream(entries).map(entry -> entry.name).toList());
        }
    }

    /**
     * Changes every trainable parameter. One that brings its own {@link Update} gets that, every other one the rule
     * with the learning rate of this step times its multiplier, and weight decay unless it is exempt. If anything is
     * wrong, nothing is changed.
     *
     * @param gradients the gradients, left alone but {@linkplain Gradients#release released}
     * @throws IllegalStateException if a trainable parameter has no gradient, or a gradient belongs to none of the
     *     parameters
     * @throws ArithmeticException if a gradient of a statistic is not finite: it would spoil the statistic for good
     * @throws IllegalArgumentException if the learning rate of this step is negative or not finite
     */
    public void step(Gradients gradients) {
        float[] rates = new float[groups.size()];
        for (int g = 0; g < rates.length; g++) {
            Rule rule = groups.get(g).rule();
            rates[g] = rule.learningRate().at(steps);
            Options.requireAtLeast0(rule.getClass().getSimpleName(), "learning rate of step " + steps, rates[g]);
        }
        check(gradients);
        List<Change> changes = new ArrayList<>(entries.length);
        int units = 0;
        for (Entry entry : entries) {
            if (entry.parameter.trainable()) {
                if (entry.update == null) {
                    Change change = change(entry, gradients, rates[entry.group], units);
                    changes.add(change);
                    units = change.end;
                } else {
                    entry.update.apply(
                            entry.parameter.data(), gradients.average(entry.parameter), gradients.instances());
                }
            }
        }
        Parallel.forChunks(units, TASK, (from, to) -> changes.forEach(change -> change.apply(from, to)));
        changes.forEach(change -> change.entry.steps++);
        steps++;
        gradients.release();
    }

    private Change change(Entry entry, Gradients gradients, float rate, int start) {
        Parameter parameter = entry.parameter;
        Group group = groups.get(entry.group);
        int size = parameter.shape().size();
        float[][] slots = entry.slots;
        if (slots == null) {
            slots = new float[group.slots().size()][size];
            entry.slots = slots;
        }
        float own = rate * parameter.learningRateMultiplier();
        int end = start + size / UNIT + (size % UNIT == 0 ? 0 : 1);
        return new Change(entry, group.rule(), gradients.of(parameter), slots, own, start, end);
    }

    private void check(Gradients gradients) {
        int known = 0;
        Entry missing = null;
        for (Entry entry : entries) {
            if (gradients.contains(entry.parameter)) {
                known++;
                checkStatistic(entry, gradients.of(entry.parameter));
            } else if (missing == null && entry.parameter.trainable()) {
                missing = entry;
            }
        }
        if (known < gradients.parameters().size()) {
            throw unknown(gradients, missing);
        }
        if (missing != null) {
            throw new IllegalStateException(
                    missing.name + " received no gradient in this pass: freeze it or check the graph");
        }
    }

    private static void checkStatistic(Entry entry, float[] gradient) {
        if (entry.parameter.isStatistic()) {
            for (int i = 0; i < gradient.length; i++) {
                if (!Float.isFinite(gradient[i])) {
                    throw new ArithmeticException(
                            entry.name + ": the gradient of a statistic is not finite: " + gradient[i] + " at " + i);
                }
            }
        }
    }

    private IllegalStateException unknown(Gradients gradients, @Nullable Entry missing) {
        Set<Parameter> known =
                Arrays.stream(entries).map(entry -> entry.parameter).collect(Collectors.toSet());
        List<Parameter> strangers = gradients.parameters().stream()
                .filter(parameter -> !known.contains(parameter))
                .toList();
        return new IllegalStateException("gradients of parameters that this optimizer does not have: " + strangers
                + (missing == null
                        ? ": hand them to it, or freeze them before the pass"
                        : ", and " + missing.name + ", which it has, received none: it was made for another model"));
    }

    /**
     * How many steps were made.
     *
     * @return the number
     */
    public long steps() {
        return steps;
    }

    /**
     * The rule of all parameters that have none of their own.
     *
     * @return the rule
     */
    public Rule rule() {
        return groups.get(0).rule();
    }

    /**
     * The rule of one parameter.
     *
     * @param name the parameter's name
     * @return the rule, by {@link #of} or by {@link #withRule}
     * @throws IllegalArgumentException if there is no such parameter
     */
    public Rule rule(String name) {
        for (Entry entry : entries) {
            if (entry.name.equals(name)) {
                return groups.get(entry.group).rule();
            }
        }
        throw new IllegalArgumentException("optimizer: no parameter is called " + name);
    }

    /**
     * What a checkpoint has to keep: the number of {@link #steps}; the slots of each parameter, named such as
     * {@code layers.1.weight.average}, and the number of its steps, {@code layers.1.weight.steps}; and the state of
     * schedules that have one, such as {@code rule.0.learningRate.best} for that of the first rule.
     *
     * @return the state of the parameters that made a step, with the arrays that are in use, not copies
     */
    public State state() {
        Map<String, float[]> arrays = new LinkedHashMap<>();
        Map<String, Long> counts = new LinkedHashMap<>();
        counts.put(STEPS, steps);
        for (Entry entry : entries) {
            if (entry.slots != null) {
                counts.put(entry.name + "." + STEPS, entry.steps);
                for (int i = 0; i < entry.slots.length; i++) {
                    arrays.put(
                            entry.name + "." + groups.get(entry.group).slots().get(i), entry.slots[i]);
                }
            }
        }
        State state = new State(arrays, counts);
        for (int g = 0; g < groups.size(); g++) {
            state = state.with(schedule(g).state().named(schedulePrefix(g)));
        }
        return state;
    }

    private Schedule schedule(int group) {
        return groups.get(group).rule().learningRate();
    }

    private static String schedulePrefix(int group) {
        return "rule." + group + ".learningRate.";
    }

    /**
     * Goes on from a checkpoint. If anything is wrong, nothing is changed.
     *
     * @param state what {@link #state} returned then; copied
     * @throws IllegalArgumentException if an array is missing, has another length or belongs to none of the parameters,
     *     or if a count is negative; the message lists what does not fit
     */
    public void resume(State state) {
        var reader = new StateReader(state);
        long thenSteps = reader.count(STEPS);
        float @Nullable [][][] slots = new float[entries.length][][];
        long[] counts = new long[entries.length];
        for (int e = 0; e < entries.length; e++) {
            Entry entry = entries[e];
            if (reader.hasCount(entry.name + "." + STEPS)) {
                List<String> names = groups.get(entry.group).slots();
                counts[e] = reader.count(entry.name + "." + STEPS);
                slots[e] = new float[names.size()][];
                for (int i = 0; i < names.size(); i++) {
                    slots[e][i] = reader.array(
                            entry.name + "." + names.get(i),
                            entry.parameter.shape().size());
                }
            }
        }
        List<State> schedules = new ArrayList<>();
        for (int g = 0; g < groups.size(); g++) {
            schedules.add(reader.like(schedule(g).state().named(schedulePrefix(g))));
        }
        reader.requireFitAndEnd();
        for (int g = 0; g < groups.size(); g++) {
            schedule(g).resume(schedules.get(g).part(schedulePrefix(g)));
        }
        for (int e = 0; e < entries.length; e++) {
            entries[e].slots = slots[e];
            entries[e].steps = counts[e];
        }
        steps = thenSteps;
    }

    @Override
    public String toString() {
        var text = new StringBuilder("Optimizer of " + entries.length + " parameters, " + rule());
        for (int g = 1; g < groups.size(); g++) {
            int group = g;
            long size =
                    Arrays.stream(entries).filter(entry -> entry.group == group).count();
            text.append(", ")
                    .append(size)
                    .append(" of them by ")
                    .append(groups.get(g).rule());
        }
        return text.append(", step ").append(steps).toString();
    }
}
