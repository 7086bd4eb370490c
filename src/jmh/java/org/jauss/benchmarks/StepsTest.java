package org.jauss.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertLinesMatch;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The program prints what its documentation says. In a JVM of its own, as the number of threads is set only once. */
final class StepsTest {
    private record Result(int exitCode, String output) {}

    private static Result run(List<String> args) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-cp",
                System.getProperty("java.class.path"),
                Steps.class.getName()));
        command.addAll(args);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), Charset.defaultCharset());
        return new Result(process.waitFor(), output);
    }

    @Test
    void eachWorkloadHasItsLines() throws Exception {
        Result result = run(List.of("1", "mlp-none-b1$", "--seconds", "0"));
        assertLinesMatch(
                List.of(
                        "# JDK .*; kernels: .*; threads: 1; flags: \\[.*\\]",
                        "mlp-none-b1 t=1 median_ms=\\d+\\.\\d{3} min_ms=\\d+\\.\\d{3} n=5",
                        "alloc mlp-none-b1 bytes=[1-9]\\d*",
                        "activations mlp-none-b1 peak_bytes=[1-9]\\d*"),
                result.output().lines().toList());
        assertEquals(0, result.exitCode());
    }

    @Test
    void kernelsHaveTheirRate() throws Exception {
        Result result = run(List.of("1", "gemm-192", "--seconds", "0"));
        assertLinesMatch(
                List.of("# .*", "gemm-192 t=1 gflops=\\d+\\.\\d"),
                result.output().lines().toList());
        assertEquals(0, result.exitCode());
    }

    @ParameterizedTest
    @CsvSource({
        "0, THREADS must be at least 1, but is 0",
        "1 --seconds=-1, '--seconds must be at least 0, but is -1.0'",
        "1 nosuch, no name has a match of 'nosuch'",
        "1 (, 'Invalid value for positional parameter at index 1 (FILTER): cannot convert ''('' to Pattern'",
        "many, Invalid value for positional parameter at index 0 (THREADS): 'many' is not an int",
        "'', Missing required parameter: 'THREADS'"
    })
    void wrongUseIsExplained(String args, String message) throws Exception {
        Result result = run(args.isEmpty() ? List.of() : List.of(args.split(" ")));
        assertTrue(result.output().startsWith(message), result.output());
        assertEquals(2, result.exitCode());
    }
}
