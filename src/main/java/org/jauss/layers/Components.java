package org.jauss.layers;

import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jauss.tensor.Parameter;
import org.jspecify.annotations.Nullable;

/** What a layer consists of, read from the components of its record. */
final class Components {
    private Components() {}

    static void visit(Layer layer, Layer.Visitor visitor) {
        RecordComponent[] components = layer.getClass().getRecordComponents();
        if (components == null) {
            requireNothingHidden(layer);
            return;
        }
        for (RecordComponent component : components) {
            Object value = value(layer, component);
            if (value instanceof Parameter parameter) {
                visitor.parameter(component.getName(), parameter);
            } else if (value instanceof Layer inner) {
                visitor.layer(component.getName(), inner);
            } else if (value instanceof List<?> list) {
                for (int i = 0; i < list.size(); i++) {
                    if (list.get(i) instanceof Layer inner) {
                        visitor.layer(component.getName() + "." + i, inner);
                    } else if (list.get(i) instanceof Parameter parameter) {
                        visitor.parameter(component.getName() + "." + i, parameter);
                    }
                }
            } else if (holdsLearned(value)) {
                throw new IllegalStateException(layer.getClass().getName() + " holds parameters or layers in "
                        + component.getName() + ", which is neither one of them nor a list: make it a list, or override"
                        + " visit");
            }
        }
    }

    /** What a class that is no record, or a lambda, holds would be missing among the parameters. */
    private static void requireNothingHidden(Layer layer) {
        for (Class<?> type = layer.getClass(); type != null; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                boolean learned = Parameter.class.isAssignableFrom(field.getType())
                        || Layer.class.isAssignableFrom(field.getType());
                if (learned && !Modifier.isStatic(field.getModifiers())) {
                    throw new IllegalStateException((type.isHidden() ? "a lambda" : type.getName()) + " holds a "
                            + field.getType().getSimpleName() + ", which would be missing among the parameters:"
                            + " make it a record, or override visit");
                }
            }
        }
    }

    private static boolean holdsLearned(@Nullable Object value) {
        if (value instanceof Parameter || value instanceof Layer) {
            return true;
        }
        if (value instanceof Object[] array) {
            return Arrays.stream(array).anyMatch(Components::holdsLearned);
        }
        if (value instanceof Map<?, ?> map) {
            return map.values().stream().anyMatch(Components::holdsLearned);
        }
        return value instanceof Optional<?> optional && holdsLearned(optional.orElse(null));
    }

    static Map<String, Parameter> parameters(Layer model) {
        var parameters = new LinkedHashMap<String, Parameter>();
        walk("", model, parameters, new LinkedHashMap<>());
        return parameters;
    }

    static Map<String, Layer> layers(Layer model) {
        var layers = new LinkedHashMap<String, Layer>();
        walk("", model, new LinkedHashMap<>(), layers);
        return layers;
    }

    private static void walk(String path, Layer layer, Map<String, Parameter> parameters, Map<String, Layer> layers) {
        requireNew(layers.put(path, layer), path);
        layer.visit(new Layer.Visitor() {
            @Override
            public void parameter(String name, Parameter parameter) {
                if (!parameters.containsValue(parameter)) { // a tied one goes by its first name
                    requireNew(parameters.put(join(name), parameter), join(name));
                }
            }

            @Override
            public void layer(String name, Layer inner) {
                walk(join(name), inner, parameters, layers);
            }

            private String join(String name) {
                return path.isEmpty() ? name : path + "." + name;
            }
        });
    }

    private static void requireNew(@Nullable Object before, String name) {
        if (before != null) {
            throw new IllegalStateException("two parameters or layers are named " + name + ": give each its own name");
        }
    }

    static @Nullable Object value(Layer layer, RecordComponent component) {
        try {
            var accessor = component.getAccessor();
            accessor.setAccessible(true); // the record may be private to a test or a method
            return accessor.invoke(layer);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException(
                    "cannot read component " + component.getName() + " of "
                            + layer.getClass().getName() + ": open its package to org.jauss, or override visit",
                    e);
        }
    }
}
