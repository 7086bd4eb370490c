package org.jauss.layers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Tensor;
import org.junit.jupiter.api.Test;

class NormalizationTest {
    private static final Map<String, Normalization> WAYS = Map.of(
            "IdentityLayer[]", Normalization.none(),
            "BatchNormLayer[6]", Normalization.batch(),
            "BatchRenormLayer[6]", Normalization.batchRenorm(),
            "LayerNormLayer[6]", Normalization.layer(),
            "RmsNormLayer[6]", Normalization.rms(),
            "GroupNormLayer[6, groups=3]", Normalization.group(3),
            "InstanceNormLayer[6]", Normalization.instance(),
            "GaussianNormLayer[6]", Normalization.gaussian());

    @Test
    void eachMakesItsLayer() {
        WAYS.forEach((text, way) -> assertEquals(text, way.of(6).toString()));
        var options = GaussianNormOptions.paper().withAffine(false);
        assertEquals(
                options, ((GaussianNormLayer) Normalization.gaussian(options).of(2)).options());
        assertEquals("group(3)", Normalization.group(3).toString());
    }

    @Test
    void everyFormOfTheGaussianIsWithinReach() {
        assertEquals("gaussian", Normalization.gaussian().toString());
        assertEquals(
                "gaussian(paper)",
                Normalization.gaussian(GaussianNormOptions.paper()).toString());
        for (var form : GaussianNormOptions.Parametrization.values()) {
            var way = Normalization.gaussian(GaussianNormOptions.paper().withParametrization(form));
            var layer = (GaussianNormLayer) way.of(2);
            assertEquals(form, layer.options().parametrization());
        }
        var projected = GaussianNormOptions.robust().withProjection(true);
        assertEquals(
                "gaussian(" + projected + ")", Normalization.gaussian(projected).toString());
    }

    @Test
    void theProjectionMovesItBetweenWeightAndActivation() {
        var way = Normalization.gaussian(GaussianNormOptions.robust().withProjection(true));
        Layer relu = ActivationLayer.relu();
        assertEquals(
                "[LinearLayer[4 -> 6, no bias], GaussianNormLayer[6], ActivationLayer[relu]]",
                way.hidden(LinearLayer.of(4, 6, Rng.of(1)), relu).toString());
        var input = (GaussianNormLayer) way.input(4).get(0);
        assertEquals(GaussianNormOptions.robust(), input.options(), "no weight comes before it");
    }

    @Test
    void eachHasItsPlace() {
        var linear = LinearLayer.of(4, 6, Rng.of(1));
        Layer relu = ActivationLayer.relu();
        WAYS.forEach((text, way) -> {
            String bias = text.matches("(Batch|Instance).*") ? ", no bias]" : "]";
            String expected = text.startsWith("Identity")
                    ? "[LinearLayer[4 -> 6], ActivationLayer[relu]]"
                    : text.startsWith("Gaussian")
                            ? "[LinearLayer[4 -> 6], ActivationLayer[relu], " + text + "]"
                            : "[LinearLayer[4 -> 6" + bias + ", " + text + ", ActivationLayer[relu]]";
            assertEquals(expected, way.hidden(linear, relu).toString());
            assertEquals(text.startsWith("Gaussian") ? 1 : 0, way.input(4).size());
        });
    }

    @Test
    void anyMethodThatMakesALayerWillDo() {
        Normalization own = channels -> LayerNormLayer.of(channels, .5f);
        assertEquals(
                "[LinearLayer[4 -> 6], LayerNormLayer[6], ActivationLayer[relu]]",
                own.hidden(LinearLayer.of(4, 6, Rng.of(1)), ActivationLayer.relu())
                        .toString());
        assertEquals(List.of(), own.input(4));
    }

    @Test
    void identityIsItsInput() {
        Tensor x = Tensor.ones(2, 3);
        assertSame(x, new IdentityLayer().forward(x));
    }

    @Test
    void optionsAreChecked() {
        var groups = assertThrows(
                IllegalArgumentException.class, () -> Normalization.group(4).of(6));
        assertEquals("group norm: 6 channels do not divide into 4 groups", groups.getMessage());
        var none = assertThrows(IllegalArgumentException.class, () -> GroupNormLayer.of(0, 6));
        assertEquals("group norm: groups must be at least 1, but is 0", none.getMessage());
        var group = assertThrows(IllegalArgumentException.class, () -> GroupNormLayer.of(2, 6, -1));
        assertEquals("group norm: epsilon must be above 0, but is -1.0", group.getMessage());
        var rms = assertThrows(IllegalArgumentException.class, () -> RmsNormLayer.of(6, Float.NaN));
        assertEquals("rms norm: epsilon must be above 0, but is NaN", rms.getMessage());
        var instance = assertThrows(IllegalArgumentException.class, () -> InstanceNormLayer.of(6, 0));
        assertEquals("instance norm: epsilon must be above 0, but is 0.0", instance.getMessage());
    }

    @Test
    void convolutionsAreNormalisedAtTheSamePlaces() {
        var conv = Conv2dLayer.of(3, 4, 3, Rng.of(1));
        Layer relu = ActivationLayer.relu();
        assertEquals(
                "[Conv2dLayer[3 -> 4, 3x3, no bias], BatchNormLayer[4], ActivationLayer[relu]]",
                Normalization.batch().hidden(conv, relu).toString());
        assertEquals(
                "[Conv2dLayer[3 -> 4, 3x3], ActivationLayer[relu], GaussianNormLayer[4]]",
                Normalization.gaussian().hidden(conv, relu).toString());
        assertEquals(List.of(conv, relu), Normalization.none().hidden(conv, relu));
    }
}
