package org.jauss.layers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** A parameter is found, or it is an error: it never goes missing. */
class ComponentsTest {
    private static final LinearLayer LINEAR = LinearLayer.of(2, 2, Rng.of(1));

    private static final class Plain implements Layer {
        private final LinearLayer inner = LINEAR;

        @Override
        public Tensor forward(Tensor x) {
            return inner.forward(x);
        }
    }

    private record ByName(Map<String, Layer> layers) implements Layer {
        @Override
        public Tensor forward(Tensor x) {
            return x;
        }
    }

    private record Listed(List<Parameter> weights, String name) implements Layer {
        @Override
        public Tensor forward(Tensor x) {
            return x;
        }
    }

    private record Twice(LinearLayer first, LinearLayer second) implements Layer {
        @Override
        public Tensor forward(Tensor x) {
            return x;
        }

        @Override
        public void visit(Visitor visitor) {
            visitor.layer("l", first);
            visitor.layer("l", second);
        }
    }

    @Test
    void aClassThatIsNoRecordMustVisit() {
        var e = assertThrows(
                IllegalStateException.class, () -> Sequential.of(new Plain()).parameters());
        assertEquals(
                "org.jauss.layers.ComponentsTest$Plain holds a LinearLayer, which would be missing among the parameters:"
                        + " make it a record, or override visit",
                e.getMessage());
    }

    @Test
    void aLambdaThatCapturesALayerIsNoModel() {
        var captured = LinearLayer.of(2, 2, Rng.of(1));
        Layer lambda = x -> captured.forward(x);
        var e = assertThrows(IllegalStateException.class, lambda::parameters);
        assertTrue(e.getMessage().startsWith("a lambda holds a LinearLayer"), e.getMessage());
    }

    @Test
    void componentsAreParametersLayersAndLists() {
        var e = assertThrows(IllegalStateException.class, () -> new ByName(Map.of("a", LINEAR)).parameters());
        assertEquals(
                "org.jauss.layers.ComponentsTest$ByName holds parameters or layers in layers, which is neither one of them"
                        + " nor a list: make it a list, or override visit",
                e.getMessage());
        assertEquals(
                List.of("weights.0"),
                List.copyOf(
                        new Listed(List.of(LINEAR.weight()), "x").parameters().keySet()));
        assertTrue(new ByName(Map.of()).parameters().isEmpty());
    }

    @Test
    void namesAreUnique() {
        var e = assertThrows(
                IllegalStateException.class, () -> new Twice(LINEAR, LinearLayer.of(2, 2, Rng.of(2))).parameters());
        assertEquals("two parameters or layers are named l: give each its own name", e.getMessage());
    }
}
