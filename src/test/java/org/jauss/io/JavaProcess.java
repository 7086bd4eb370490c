package org.jauss.io;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A JVM with the classes and kernels of this one, which can be killed as {@code kill -9} does. */
public final class JavaProcess implements AutoCloseable {
    private final Process process;
    private final BufferedReader output;

    private JavaProcess(Process process) {
        this.process = process;
        this.output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /**
     * Starts one.
     *
     * @param program has the main method
     * @param arguments what it is given
     * @return the process
     */
    public static JavaProcess start(Class<?> program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (String argument : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (argument.startsWith("--add-modules") || argument.startsWith("-Djauss.kernels")) {
                command.add(argument);
            }
        }
        command.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.add(program.getName());
        command.addAll(List.of(arguments));
        return new JavaProcess(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    /**
     * The next line that it writes.
     *
     * @return the line
     */
    public String line() throws IOException {
        String line = output.readLine();
        if (line == null) {
            throw new IOException("the program has ended");
        }
        return line;
    }

    /**
     * Its number in the system.
     *
     * @return the process id
     */
    public long pid() {
        return process.pid();
    }

    /**
     * Waits until it has ended; what it still writes is read and forgotten.
     *
     * @return its exit code
     */
    public int exitCode() throws IOException, InterruptedException {
        while (output.readLine() != null) {
            // A process whose output nobody reads would wait for ever.
        }
        return process.waitFor();
    }

    /** Ends it at once. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /**
     * Asks it to end, as SIGTERM does, and waits until it has.
     *
     * @return its exit code
     */
    public int end() throws InterruptedException {
        process.toHandle().destroy(); // process.destroy() would close its output
        return process.waitFor();
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        output.close();
    }
}
