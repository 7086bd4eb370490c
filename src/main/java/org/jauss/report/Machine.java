package org.jauss.report;

import java.lang.management.ManagementFactory;
import java.util.stream.Collectors;
import org.jauss.kernels.Kernels;
import org.jauss.kernels.Parallel;

/** What a program runs on. */
final class Machine {
    private Machine() {}

    static Table table() {
        // Of the arguments only those that bear on speed: others may be secret.
        String flags = ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> argument.startsWith("-X")
                        || argument.startsWith("--add-modules")
                        || argument.startsWith("-Djauss."))
                .collect(Collectors.joining(" "));
        return Table.of("", "")
                .with("Java", System.getProperty("java.vm.name") + " " + Runtime.version())
                .with("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"))
                .with("processors", Runtime.getRuntime().availableProcessors() + ", " + Parallel.threads() + " threads")
                .with("kernels", Kernels.active().toString())
                .with("flags", flags.isEmpty() ? "none" : flags)
                .with("largest heap", Runtime.getRuntime().maxMemory() / (1 << 20) + " MiB");
    }
}
