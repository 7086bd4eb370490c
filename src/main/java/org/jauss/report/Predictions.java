package org.jauss.report;

import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jauss.io.Png;
import org.jauss.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What a model says of single instances, as pictures where they are images, the wrong ones first.
 *
 * @param samples the instances, in the order in which they are shown
 */
public record Predictions(List<Sample> samples) implements Block {
    /**
     * Predictions.
     *
     * @param samples the instances, in the order in which they are shown; copied
     */
    public Predictions {
        samples = List.copyOf(samples);
    }

    /**
     * An instance.
     *
     * @param image the instance, {@code [H, W]} or {@code [H, W, C]} with 1, 3 or 4 channels, or null if it is no image
     * @param name what it is called, such as its position in the data
     * @param label the name of its class
     * @param predicted the name of the class that it was taken for
     * @param probability the probability that the model gives to that class
     */
    public record Sample(@Nullable Tensor image, String name, String label, String predicted, double probability) {
        boolean isRight() {
            return label.equals(predicted);
        }
    }

    /**
     * The most instructive ones among some instances: those that were wrong with the greatest probability, then those
     * that were right with the least.
     *
     * @param all the instances
     * @param wrong how many wrong ones at most
     * @param right how many right ones at most
     * @return the predictions
     */
    public static Predictions select(List<Sample> all, int wrong, int right) {
        List<Sample> chosen = new ArrayList<>();
        all.stream()
                .filter(sample -> !sample.isRight())
                .sorted(Comparator.comparingDouble(Sample::probability).reversed())
                .limit(wrong)
                .forEach(chosen::add);
        all.stream()
                .filter(Sample::isRight)
                .sorted(Comparator.comparingDouble(Sample::probability))
                .limit(right)
                .forEach(chosen::add);
        return new Predictions(chosen);
    }

    @Override
    public String markup() {
        float low = Float.POSITIVE_INFINITY;
        float high = Float.NEGATIVE_INFINITY;
        for (Sample sample : samples) {
            for (float value :
                    sample.image() == null ? new float[0] : sample.image().toArray()) {
                if (Float.isFinite(value)) {
                    low = Math.min(low, value);
                    high = Math.max(high, value);
                }
            }
        }
        var xml = new Xml();
        xml.open("div", "class", "samples");
        for (Sample sample : samples) {
            xml.open("figure", "class", sample.isRight() ? "right" : "wrong");
            if (sample.image() != null) {
                // One range for all, so that pictures can be compared; a single value would be none.
                byte[] png = low < high ? Png.of(sample.image(), low, high) : Png.of(sample.image(), 0, 1);
                xml.empty(
                        "img",
                        "alt",
                        sample.label(),
                        "src",
                        "data:image/png;base64," + Base64.getEncoder().encodeToString(png));
            }
            xml.open("figcaption");
            xml.element("b", sample.predicted());
            xml.text(String.format(Locale.ROOT, " (%.1f\u00a0%%)", 100 * sample.probability()));
            if (!sample.isRight()) {
                xml.empty("br").text("is " + sample.label());
            }
            xml.empty("br").element("small", sample.name());
            xml.close().close();
        }
        return xml.close().toString();
    }
}
