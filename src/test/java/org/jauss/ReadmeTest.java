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
    /** A profile, an execution, or a class in a command of Maven. */
    private static final Pattern NAMED = Pattern.compile("(-P|exec:exec@|-Dexec\\.mainClass=)([A-Za-z][\\w,.]*)");

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

    /** Maven runs something else, without a word, where an execution is missing. */
    @Test
    void commandsNameWhatThereIs() throws IOException {
        String pom = Files.readString(Path.of("pom.xml"));
        int commands = 0;
        for (String document : List.of(
                "README.md",
                ".github/CONTRIBUTING.md",
                "src/site/markdown/benchmarks.md",
                "src/site/markdown/experiments/README.md")) {
            Matcher matcher = NAMED.matcher(Files.readString(Path.of(document)));
            while (matcher.find()) {
                commands++;
                String name = matcher.group(2);
                if (matcher.group(1).equals("-Dexec.mainClass=")) {
                    Path source = Path.of("src/main/java", name.replace('.', '/') + ".java");
                    assertTrue(Files.exists(source), document + ": " + matcher.group());
                } else {
                    for (String id : name.split(",", -1)) {
                        assertTrue(pom.contains("<id>" + id + "</id>"), document + ": " + matcher.group());
                    }
                }
            }
        }
        assertTrue(commands > 10, "found " + commands);
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
