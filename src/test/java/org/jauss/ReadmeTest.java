package org.jauss;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The README's Java compiles as it stands, and its training loop is that of the example that the tests run. */
class ReadmeTest {
    private static final Pattern JAVA = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);
    private static final Path EXAMPLES = Path.of("src/main/java/org/jauss/examples");

    @TempDir
    Path folder;

    private static List<String> blocks() throws IOException {
        var blocks = new ArrayList<String>();
        Matcher matcher = JAVA.matcher(Files.readString(Path.of("README.md")));
        while (matcher.find()) {
            blocks.add(matcher.group(1));
        }
        return blocks;
    }

    @TestFactory
    Stream<DynamicTest> blocksCompile() throws IOException {
        List<String> blocks = blocks();
        assertFalse(blocks.isEmpty());
        return blocks.stream()
                .map(block -> DynamicTest.dynamicTest(block.lines().findFirst().orElse(""), () -> compile(block)));
    }

    /** As the body of a method that has what the text around the block speaks of. */
    private void compile(String block) {
        String source = """
                import java.util.*;
                import org.jauss.data.*;
                import org.jauss.experiments.*;
                import org.jauss.io.*;
                import org.jauss.layers.*;
                import org.jauss.losses.*;
                import org.jauss.metrics.*;
                import org.jauss.optimizers.*;
                import org.jauss.report.*;
                import org.jauss.tensor.*;
                import org.jauss.train.*;
                class Block {
                    Rng rng;
                    Layer model;
                    Optimizer optimizer;
                    Tensor x;
                    IntTensor labels;

                    void run() {
                %s
                    }
                }
                """.formatted(block);
        var file = new SimpleJavaFileObject(URI.create("string:///Block.java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return source;
            }
        };
        var messages = new StringWriter();
        boolean compiled = ToolProvider.getSystemJavaCompiler()
                .getTask(
                        messages,
                        null,
                        null,
                        List.of("-d", folder.toString(), "-proc:none", "-cp", System.getProperty("java.class.path")),
                        null,
                        List.of(file))
                .call();
        assertTrue(compiled, messages + "\n" + source);
    }

    @Test
    void trainingLoopIsThatOfTheExample() throws IOException {
        String example = Files.readString(EXAMPLES.resolve("FirstSteps.java"));
        int start = example.indexOf("        var rng = Rng.of(1);");
        String body = example.substring(start, example.indexOf("    }\n}", start));
        assertEquals(body.stripTrailing().stripIndent(), blocks().get(0).stripTrailing());
    }
}
