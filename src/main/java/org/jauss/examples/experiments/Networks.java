package org.jauss.examples.experiments;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jauss.layers.ActivationLayer;
import org.jauss.layers.Conv2dLayer;
import org.jauss.layers.DropoutLayer;
import org.jauss.layers.FlattenLayer;
import org.jauss.layers.GlobalAvgPoolLayer;
import org.jauss.layers.IdentityLayer;
import org.jauss.layers.Initializer;
import org.jauss.layers.Layer;
import org.jauss.layers.LinearLayer;
import org.jauss.layers.MaxPool2dLayer;
import org.jauss.layers.Normalization;
import org.jauss.layers.Sequential;
import org.jauss.tensor.Padding;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Tensor;

/**
 * The networks, each for images {@code [N, H, W, C]} of ten classes; they differ in nothing but how they normalise.
 *
 * @param norm how they normalise
 */
record Networks(Normalization norm) {
    /** All sets of images have as many. */
    static final int CLASSES = 10;

    private static final float SLOPE = .3f;
    private static final float DROPOUT = .25f;

    /** Linear layers with ReLU; their weights He normal times a gain. */
    Sequential mlp(Shape image, List<Integer> hidden, float gain, Rng rng) {
        int in = image.size();
        List<Layer> layers = new ArrayList<>();
        layers.add(new FlattenLayer());
        layers.addAll(norm.input(in));
        for (int width : hidden) {
            layers.addAll(norm.hidden(
                    LinearLayer.of(in, width, Initializer.heNormal().times(gain), rng), ActivationLayer.relu()));
            in = width;
        }
        layers.add(LinearLayer.of(in, CLASSES, Initializer.lecunNormal(), rng));
        return new Sequential(layers);
    }

    /** Equal hidden layers. */
    Sequential deep(Shape image, int depth, float gain, Rng rng) {
        return mlp(image, Collections.nCopies(depth, 48), gain, rng);
    }

    /**
     * The CIFAR-10 network of the paper: convolutions with windows of 7, 5 and 3 and {@code filters} filters (64 there),
     * each with leaky ReLU, norm, dropout and 2x2 max pooling, and linear layers of 50, 50 and 10 units.
     */
    Sequential cnn(Shape image, int filters, Rng rng) {
        int channels = image.dim(-1);
        int side = image.dim(0);
        List<Layer> layers = new ArrayList<>(norm.input(channels));
        for (int window : new int[] {7, 5, 3}) {
            layers.addAll(norm.hidden(
                    convolution(channels, filters, window, Initializer.glorotUniform(), rng),
                    ActivationLayer.leakyRelu(SLOPE)));
            layers.add(new DropoutLayer(DROPOUT));
            layers.add(MaxPool2dLayer.of(2));
            channels = filters;
            side /= 2;
        }
        layers.add(new FlattenLayer());
        int in = side * side * channels;
        for (int width : new int[] {50, 50}) {
            layers.addAll(norm.hidden(LinearLayer.of(in, width, rng), ActivationLayer.leakyRelu(SLOPE)));
            in = width;
        }
        layers.add(LinearLayer.of(in, CLASSES, rng));
        return new Sequential(layers);
    }

    /**
     * A small residual network (He et al., 2016): a convolution, three stages of one block with {@code width}, twice and
     * four times as many filters, the last two halving the image, and global average pooling. A norm whose place is
     * behind an activation stands within the block between the convolutions and behind the sum.
     */
    Sequential resnet(Shape image, int width, Rng rng) {
        List<Layer> layers = new ArrayList<>(norm.input(image.dim(-1)));
        layers.addAll(
                norm.hidden(convolution(image.dim(-1), width, 3, Initializer.heNormal(), rng), ActivationLayer.relu()));
        int in = width;
        for (int stage = 0; stage < 3; stage++) {
            int out = width << stage;
            int stride = stage == 0 ? 1 : 2;
            List<Layer> body = new ArrayList<>(norm.hidden(
                    convolution(in, out, 3, Initializer.heNormal(), rng).withStride(stride), ActivationLayer.relu()));
            body.addAll(beforeSum(convolution(out, out, 3, Initializer.heNormal(), rng)));
            Layer shortcut = stage == 0
                    ? new IdentityLayer()
                    : new Sequential(beforeSum(
                            convolution(in, out, 1, Initializer.heNormal(), rng).withStride(stride)));
            layers.add(new Block(new Sequential(body), shortcut));
            layers.add(ActivationLayer.relu());
            if (norm.isAfterActivation()) {
                layers.add(norm.of(out));
            }
            in = out;
        }
        layers.add(new GlobalAvgPoolLayer());
        layers.add(LinearLayer.of(in, CLASSES, Initializer.lecunNormal(), rng));
        return new Sequential(layers);
    }

    private static Conv2dLayer convolution(int in, int out, int window, Initializer initializer, Rng rng) {
        return Conv2dLayer.of(in, out, new int[] {window, window}, 1, initializer, rng)
                .withPadding(Padding.same());
    }

    /** A convolution whose activation comes behind the sum. */
    private List<Layer> beforeSum(Conv2dLayer layer) {
        List<Layer> layers = norm.hidden(layer, new IdentityLayer());
        return norm.isAfterActivation() ? layers.subList(0, 1) : layers;
    }

    /**
     * {@code y = body(x) + shortcut(x)}.
     *
     * @param body what is learned
     * @param shortcut gives {@code x} the shape of the body's result
     */
    record Block(Layer body, Layer shortcut) implements Layer {
        @Override
        public Tensor forward(Tensor x) {
            return body.forward(x).add(shortcut.forward(x));
        }
    }
}
