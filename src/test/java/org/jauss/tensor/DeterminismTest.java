package org.jauss.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Equal seeds give equal bits for any number of threads, from one JVM to the next. */
final class DeterminismTest {
    /** A small training run in a JVM of its own; prints a hash of all parameters. */
    static final class Training {
        private static final int WIDTH = 256;
        private static final int BATCH = 128;
        private static final int LAYERS = 3;
        private static final int STEPS = 5;

        private Training() {}

        public static void main(String[] args) throws NoSuchAlgorithmException {
            Rng rng = Rng.of(Long.parseLong(args[0]));
            List<Parameter> weights = new ArrayList<>();
            List<Parameter> biases = new ArrayList<>();
            for (int layer = 0; layer < LAYERS; layer++) {
                weights.add(Parameter.of(Shape.of(WIDTH, WIDTH), normal(WIDTH * WIDTH, .09f, rng.split())));
                biases.add(Parameter.full(Shape.of(WIDTH), 0));
            }
            Tensor x = Tensor.of(Shape.of(BATCH, WIDTH), normal(BATCH * WIDTH, 1, Rng.of(100)));
            Tensor target = Tensor.of(Shape.of(BATCH, WIDTH), normal(BATCH * WIDTH, 1, Rng.of(101)));
            float loss = 0;
            for (int step = 0; step < STEPS; step++) {
                try (var pass = Pass.training(rng)) {
                    Tensor y = pass.input(x);
                    for (int layer = 0; layer < LAYERS; layer++) {
                        y = y.linear(pass.use(weights.get(layer)), pass.use(biases.get(layer)))
                                .relu()
                                .dropout(.1f);
                    }
                    Tensor difference = y.sub(target);
                    Tensor mean = difference.square().mean();
                    loss = mean.item();
                    Gradients gradients = pass.backward(mean);
                    for (Parameter parameter : gradients.parameters()) {
                        float[] gradient = gradients.of(parameter);
                        for (int i = 0; i < gradient.length; i++) {
                            parameter.data()[i] -= 10 * gradient[i];
                        }
                    }
                }
            }
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (int layer = 0; layer < LAYERS; layer++) {
                digest.update(bytes(weights.get(layer).data()));
                digest.update(bytes(biases.get(layer).data()));
            }
            long workers = Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().startsWith("jauss-"))
                    .count();
            System.out.println(HexFormat.of().formatHex(digest.digest()) + " " + workers + " " + loss);
        }

        private static float[] normal(int size, float deviation, Rng rng) {
            float[] values = new float[size];
            for (int i = 0; i < size; i++) {
                values[i] = deviation * rng.normal(i);
            }
            return values;
        }

        private static byte[] bytes(float[] values) {
            ByteBuffer buffer = ByteBuffer.allocate(values.length * Float.BYTES);
            for (float value : values) {
                buffer.putInt(Float.floatToRawIntBits(value));
            }
            return buffer.array();
        }
    }

    private record Outcome(String hash, int workers, float loss) {}

    @Test
    @Timeout(60)
    void bitsDependOnTheSeedAlone() throws IOException, InterruptedException {
        Process one = start(1, 7);
        Process two = start(2, 7);
        Outcome alone = finish(one);
        Outcome shared = finish(two);
        Process again = start(1, 7);
        Process other = start(2, 8);
        Outcome repeated = finish(again);
        Outcome elsewhere = finish(other);
        assertEquals(0, alone.workers);
        assertEquals(1, shared.workers, "the run is large enough for a second thread");
        assertTrue(Float.isFinite(alone.loss) && alone.loss > 0, "loss " + alone.loss);
        assertEquals(alone.hash, shared.hash, "one thread and two");
        assertEquals(alone.hash, repeated.hash, "one JVM and the next");
        assertNotEquals(alone.hash, elsewhere.hash, "one seed and another");
    }

    private static Process start(int threads, long seed) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (String argument : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (argument.startsWith("--add-modules") || argument.startsWith("-Djauss.kernels")) {
                command.add(argument);
            }
        }
        command.add("-Djauss.threads=" + threads);
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(Training.class.getName());
        command.add(Long.toString(seed));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static Outcome finish(Process process) throws IOException, InterruptedException {
        String line = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), line);
        String[] parts = line.split(" ", 3);
        return new Outcome(parts[0], Integer.parseInt(parts[1]), Float.parseFloat(parts[2]));
    }
}
