package org.jauss.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jauss.tensor.Rng;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The program on images that it can hardly fail to learn: a bright column on dim noise, whose place is the label. */
final class MnistCnnTest {
    private static final int SIDE = 16;

    @TempDir
    private Path folder;

    private void make(String part, int n, Rng rng) throws IOException {
        var images = ByteBuffer.allocate(16 + n * SIDE * SIDE);
        images.putInt(0x803).putInt(n).putInt(SIDE).putInt(SIDE);
        var labels = ByteBuffer.allocate(8 + n);
        labels.putInt(0x801).putInt(n);
        for (int i = 0; i < n; i++) {
            int label = rng.below(i, 10);
            labels.put((byte) label);
            Rng noise = rng.split();
            for (int pixel = 0; pixel < SIDE * SIDE; pixel++) {
                images.put((byte) (pixel % SIDE == label + 3 ? 250 : noise.below(pixel, 50)));
            }
        }
        Files.write(folder.resolve(part + "-images-idx3-ubyte"), images.array());
        Files.write(folder.resolve(part + "-labels-idx1-ubyte"), labels.array());
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "batch", "gaussian"})
    void learnsWithEachNormalisation(String norm) throws IOException {
        make("train", 320, Rng.of(1));
        make("t10k", 50, Rng.of(2));
        var commandLine = new CommandLine(new MnistCnn()).setCaseInsensitiveEnumValuesAllowed(true);
        Path report = folder.resolve("report");
        String[] args = {
            folder.toString(),
            "--norm",
            norm,
            "--epochs",
            "4",
            "--batch-size",
            "16",
            "--limit",
            "300",
            "--report",
            report.toString()
        };
        assertEquals(0, commandLine.execute(args));
        Double accuracy = commandLine.getExecutionResult();
        assertTrue(accuracy > .9, "accuracy " + accuracy);
        assertTrue(Files.readString(report.resolve("report.html")).contains("epoch 4 of 4"));
    }
}
