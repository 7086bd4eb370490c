package org.jauss.layers;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A model for use in which normalisations by constants have become part of the weights and biases beside them: those of
 * {@link GaussianNormLayer}, and of {@link BatchNormLayer} and {@link BatchRenormLayer} with their running averages. It
 * computes what the model computes in use, but for rounding, and has fewer layers and parameters.
 *
 * <p>Where layers follow one another in a {@link Sequential}, a normalisation becomes part of the linear layer or convolution
 * before it, or else of the one behind it, also across pooling, dropout and flattening where these commute with it. If that
 * one pads its input, a {@link ChannelPadLayer} pads with what was normalised to zero. In other records each part is folded
 * for itself, as the order in which they call their parts is their own; a layer that is no record stays as it is. Weight
 * standardisation of a layer that takes a normalisation up is carried out on the way.
 *
 * <p>The weights are new; the model itself is left as it is.
 *
 * @param model the folded model
 * @param folded the paths in the original model of the normalisations that are gone
 * @param kept the paths of those that are still there, each with the reason
 */
public record Folding(Layer model, List<String> folded, Map<String, String> kept) {
    /**
     * A folded model.
     *
     * @param model the folded model
     * @param folded the paths in the original model of the normalisations that are gone
     * @param kept the paths of those that are still there, each with the reason
     */
    public Folding {
        folded = List.copyOf(folded);
        kept = Collections.unmodifiableMap(new LinkedHashMap<>(kept));
    }

    /**
     * Folds what can be folded exactly. A {@link GaussianNormLayer} with a finite limit of z is left alone, as it differs
     * from its folded form where z is clipped.
     *
     * @param model any model
     * @return the folded model, and what became of each normalisation
     */
    public static Folding of(Layer model) {
        return new Walk(false).over(model);
    }

    /**
     * Folds layers with a limit of z as well, as if they had none: the result differs where z would have been clipped.
     *
     * @param model any model
     * @return the folded model, and what became of each normalisation
     */
    public static Folding withoutLimits(Layer model) {
        return new Walk(true).over(model);
    }

    /**
     * The folded model, if no normalisation is left in it.
     *
     * @return the model
     * @throws IllegalStateException if one had to be kept
     */
    public Layer complete() {
        if (!kept.isEmpty()) {
            throw new IllegalStateException("folding: kept " + kept);
        }
        return model;
    }

    private record Step(String path, Layer layer) {}

    /** One walk over a model. */
    private static final class Walk {
        final boolean withoutLimits;
        final List<String> folded = new ArrayList<>();
        final Map<String, String> kept = new LinkedHashMap<>();

        Walk(boolean withoutLimits) {
            this.withoutLimits = withoutLimits;
        }

        Folding over(Layer model) {
            Layer result = fold("", model);
            var left = result.layersByPath().values();
            model.layersByPath().forEach((path, layer) -> {
                if (isNormalization(layer) && left.contains(layer) && !folded.contains(path)) {
                    kept.putIfAbsent(
                            path, "what holds it is no record, or holds it in no list: its parts stay as they are");
                }
            });
            return new Folding(result, folded, kept);
        }

        private Layer fold(String path, Layer layer) {
            if (layer instanceof Sequential sequential) {
                return sequence(path, sequential);
            }
            if (isNormalization(layer)) {
                kept.put(path, "what calls it is no Sequential, so its neighbours are not known");
                return layer;
            }
            return layer.getClass().isRecord() ? parts(path, layer) : layer;
        }

        // ---- Layers one after another ----

        private Layer sequence(String path, Sequential sequential) {
            int before = folded.size();
            List<Step> steps = new ArrayList<>();
            flatten(path, sequential, steps);
            List<Layer> done = new ArrayList<>();
            for (int i = 0; i < steps.size(); i++) {
                Step step = steps.get(i);
                if (isNormalization(step.layer)) {
                    String reason = take(step, done, steps, i + 1);
                    if (reason == null) {
                        folded.add(step.path);
                        continue;
                    }
                    kept.put(step.path, reason);
                }
                done.add(step.layer);
            }
            return folded.size() == before ? sequential : new Sequential(done);
        }

        private void flatten(String path, Sequential sequential, List<Step> steps) {
            for (int i = 0; i < sequential.layers().size(); i++) {
                Layer layer = sequential.layers().get(i);
                String inner = join(path, "layers." + i);
                if (layer instanceof Sequential more) {
                    flatten(inner, more, steps);
                } else {
                    steps.add(new Step(inner, isNormalization(layer) ? layer : fold(inner, layer)));
                }
            }
        }

        /** Makes a normalisation part of the layer before it or of one behind it, or says why it cannot be. */
        private @Nullable String take(Step step, List<Layer> done, List<Step> steps, int next) {
            String reason = refusal(step.layer);
            if (reason != null) {
                return reason;
            }
            ChannelAffine affine = affine(step.layer);
            if (!done.isEmpty()) {
                Layer joined = affine.behind(done.get(done.size() - 1));
                if (joined != null) {
                    done.set(done.size() - 1, joined);
                    return null;
                }
            }
            int at = next;
            while (at < steps.size() && affine.commutesWith(steps.get(at).layer)) {
                at++;
            }
            if (at == steps.size()) {
                return "there is no linear layer or convolution right before or behind it";
            }
            Step target = steps.get(at);
            String obstacle = affine.obstacle(target.layer);
            if (obstacle != null) {
                return obstacle;
            }
            List<Layer> joined = affine.before(target.layer);
            steps.remove(at);
            for (int k = 0; k < joined.size(); k++) {
                steps.add(at + k, new Step(target.path, joined.get(k)));
            }
            return null;
        }

        private static boolean isNormalization(Layer layer) {
            return layer instanceof GaussianNormLayer
                    || layer instanceof BatchNormLayer
                    || layer instanceof BatchRenormLayer;
        }

        private @Nullable String refusal(Layer layer) {
            if (layer instanceof GaussianNormLayer norm) {
                if (norm.spread().shape().rank() != 1) {
                    return "its statistics are not one for each feature of the last axis";
                }
                if (!withoutLimits && norm.options().zLimit() < Float.POSITIVE_INFINITY) {
                    return "z is limited to +-" + norm.options().zLimit()
                            + ", which folding lifts: fold withoutLimits if that does no harm";
                }
            }
            return null;
        }

        private static ChannelAffine affine(Layer layer) {
            if (layer instanceof GaussianNormLayer norm) {
                double[] factor = new double[norm.spread().shape().size()];
                for (int j = 0; j < factor.length; j++) {
                    factor[j] = norm.options()
                            .parametrization()
                            .factor(norm.spread().data()[j]);
                }
                return ChannelAffine.of(norm.mean().data(), factor, norm.scale(), norm.shift());
            }
            if (layer instanceof BatchNormLayer norm) {
                double[] factor = factor(norm.runningVariance().data(), norm.epsilon());
                return ChannelAffine.of(norm.runningMean().data(), factor, norm.scale(), norm.shift());
            }
            var norm = (BatchRenormLayer) layer;
            double[] factor = factor(norm.runningVariance().data(), norm.epsilon());
            return ChannelAffine.of(norm.runningMean().data(), factor, norm.scale(), norm.shift());
        }

        private static double[] factor(float[] variance, float epsilon) {
            double[] factor = new double[variance.length];
            Arrays.setAll(factor, j -> 1 / Math.sqrt(variance[j] + epsilon));
            return factor;
        }

        // ---- Other records ----

        private Layer parts(String path, Layer layer) {
            RecordComponent[] components = layer.getClass().getRecordComponents();
            @Nullable Object[] values = new Object[components.length];
            boolean changed = false;
            for (int i = 0; i < components.length; i++) {
                Object value = Components.value(layer, components[i]);
                values[i] = part(join(path, components[i].getName()), value);
                changed |= values[i] != value;
            }
            return changed ? rebuilt(layer, components, values) : layer;
        }

        private @Nullable Object part(String path, @Nullable Object value) {
            if (value instanceof Layer inner) {
                return fold(path, inner);
            }
            if (!(value instanceof List<?> list)) {
                return value;
            }
            List<Object> parts = new ArrayList<>();
            boolean changed = false;
            for (int i = 0; i < list.size(); i++) {
                Object part = list.get(i) instanceof Layer inner ? fold(path + "." + i, inner) : list.get(i);
                parts.add(part);
                changed |= part != list.get(i);
            }
            return changed ? parts : list;
        }

        private static Layer rebuilt(Layer layer, RecordComponent[] components, @Nullable Object[] values) {
            Class<?>[] types =
                    Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
            try {
                Constructor<? extends Layer> constructor = layer.getClass().getDeclaredConstructor(types);
                constructor.setAccessible(true); // the record may be private to a test or a method
                return constructor.newInstance(values);
            } catch (NoSuchMethodException
                    | InstantiationException
                    | IllegalAccessException
                    | InvocationTargetException e) {
                throw new IllegalStateException(
                        "folding: cannot make another " + layer.getClass().getName()
                                + ": open its package to org.jauss",
                        e);
            }
        }

        private static String join(String path, String name) {
            return path.isEmpty() ? name : path + "." + name;
        }
    }
}
