package org.jauss.layers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jauss.tensor.Gradients;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Rng;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The gradients of sequence layers have the same bits for any number of threads, with the kernels of this JVM. */
final class SequenceDeterminismTest {
    private static final int WIDTH = 64;

    /** Large enough for several tasks per op: run in a JVM of its own, as the threads of one are fixed. */
    static final class Step {
        private Step() {}

        public static void main(String[] args) {
            Rng rng = Rng.of(1);
            var options = RecurrentOptions.defaults().withBidirectional();
            var model = Sequential.of(
                    LstmLayer.of(WIDTH, WIDTH / 2, options, rng),
                    TransformerEncoderLayer.of(WIDTH, 4, WIDTH, rng).withRotary(100),
                    GruLayer.of(WIDTH, WIDTH, rng));
            int hash;
            try (var pass = Pass.training(rng)) {
                var y = model.forward(pass.input(LayerCasesTest.random(new int[] {32, 24, WIDTH}, 1)));
                hash = Arrays.hashCode(y.toArray());
                Gradients gradients = pass.backward(y.square().mean());
                for (var parameter : model.parameters().values()) {
                    hash = 31 * hash + Arrays.hashCode(gradients.of(parameter));
                }
            }
            System.out.println("bits " + hash);
        }
    }

    @Test
    @Timeout(60)
    void bitsDoNotDependOnTheNumberOfThreads() throws IOException, InterruptedException {
        String one = run(1);
        assertTrue(one.startsWith("bits "), one);
        assertEquals(one, run(2));
        assertEquals(one, run(3));
    }

    private static String run(int threads) throws IOException, InterruptedException {
        var command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        if (ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()) {
            command.addAll(List.of("--add-modules", "jdk.incubator.vector"));
        }
        command.addAll(List.of(
                "-Djauss.threads=" + threads, "-cp", System.getProperty("java.class.path"), Step.class.getName()));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String line = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertEquals(0, process.waitFor(), line);
        return line;
    }
}
