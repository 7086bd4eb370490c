package org.jauss.benchmarks;

import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.charset.Charset;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jauss.kernels.Kernels;
import org.jauss.kernels.Parallel;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Times whole steps of training and inference, as a user's program has them, and the kernels that they spend most of
 * their time in. After a line on the JVM each line is a result:
 *
 * <pre>
 * mlp-none-b128 t=1 median_ms=T min_ms=T n=N        time of a step, over N steps on T threads
 * alloc mlp-none-b128 bytes=B                       bytes that a steady step allocates, on all threads, median
 * activations mlp-none-b128 peak_bytes=B            the most that a pass had at once: activations and their gradients
 * gemm-768 t=1 gflops=G                             product of two 768 x 768 matrices, median
 * conv-input-64-64-5x5-16x16 t=1 gflops=G           gradient of a convolution to its input, median
 * </pre>
 *
 * <p>The names in a convolution are channels, filters, window and image; {@code forward}, {@code input} and
 * {@code weight} tell the convolution from its two gradients. {@code src/jmh/peers/torch_steps.py} prints the same lines
 * for PyTorch. Times only compare within one machine with nothing else to do. Without a filter, a regular expression
 * that is looked for in the names, everything is measured in one JVM:
 *
 * <pre>
 * mvn -q -Pjmh test-compile exec:exec@steps -Dsteps="1 mlp"
 * mvn -q -Pjmh,vector test-compile exec:exec@steps -Dsteps="2 mlp-.*-b1$ --seconds 8"
 * </pre>
 */
@Command(
        name = "Steps",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Times steps of training and inference, and kernels.")
public final class Steps implements Runnable {
    @Parameters(index = "0", paramLabel = "THREADS", description = "The number of threads of the library, at least 1.")
    private int threads;

    @Parameters(
            index = "1",
            paramLabel = "FILTER",
            arity = "0..1",
            defaultValue = "",
            description = "Measures only what has a match of this regular expression in its name.")
    private Pattern filter = Pattern.compile("");

    @Option(
            names = "--seconds",
            paramLabel = "S",
            description = "For how long each is measured, after three quarters of that as warm-up; but at least five"
                    + " times each (default: ${DEFAULT-VALUE}).")
    private double seconds = 4;

    @Spec
    private CommandSpec spec;

    private final PrintWriter out;

    private Steps(PrintWriter out) {
        this.out = out;
    }

    /**
     * Measures and prints.
     *
     * @param args the number of threads and options; {@code --help} lists them
     */
    public static void main(String[] args) {
        var out = new PrintWriter(System.out, true, Charset.defaultCharset());
        System.exit(new CommandLine(new Steps(out)).execute(args));
    }

    @Override
    public void run() {
        require(threads >= 1, "THREADS must be at least 1, but is " + threads);
        require(seconds >= 0, "--seconds must be at least 0, but is " + seconds);
        System.setProperty(Parallel.PROPERTY, Integer.toString(threads)); // before the first use of a kernel
        List<Workload> workloads = Workload.all().stream()
                .filter(workload -> filter.matcher(workload.name()).find())
                .toList();
        List<KernelCall> calls = KernelCall.all().stream()
                .filter(call -> filter.matcher(call.name()).find())
                .toList();
        require(!workloads.isEmpty() || !calls.isEmpty(), "no name has a match of '" + filter + "'");
        print(
                "# JDK %s, %s; kernels: %s; threads: %d; flags: %s",
                Runtime.version(),
                System.getProperty("java.vm.name"),
                Kernels.active(),
                Parallel.threads(),
                ManagementFactory.getRuntimeMXBean().getInputArguments());
        workloads.forEach(this::measure);
        calls.forEach(this::measure);
    }

    private void require(boolean condition, String message) {
        if (!condition) {
            throw new ParameterException(spec.commandLine(), message);
        }
    }

    private void measure(Workload workload) {
        Step step = workload.step().get();
        Timing timing = Timing.of(step::run, seconds);
        print(
                "%s t=%d median_ms=%.3f min_ms=%.3f n=%d",
                workload.name(), threads, 1e3 * timing.medianSeconds(), 1e3 * timing.minSeconds(), timing.runs());
        print("alloc %s bytes=%d", workload.name(), timing.bytesPerRun());
        print("activations %s peak_bytes=%d", workload.name(), step.run().peakBytes());
    }

    private void measure(KernelCall call) {
        Timing timing = Timing.of(call.call().get(), seconds);
        print("%s t=%d gflops=%.1f", call.name(), threads, 1e-9 * call.operations() / timing.medianSeconds());
    }

    private void print(String format, Object... values) {
        out.println(String.format(Locale.ROOT, format, values));
    }
}
