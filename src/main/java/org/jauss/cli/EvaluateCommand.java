package org.jauss.cli;

import org.jauss.data.Dataset;
import org.jauss.tensor.IntTensor;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows how well the network of a run does. */
@Command(name = "evaluate", description = "Shows loss, accuracy and the confusion matrix of the network of a run.")
final class EvaluateCommand extends RunProgram {
    /** The parts of a data set. */
    enum Part {
        TEST,
        VALIDATION,
        TRAINING;

        Dataset<IntTensor> of(Parts parts) {
            return switch (this) {
                case TEST -> parts.test();
                case VALIDATION -> parts.validation();
                case TRAINING -> parts.training();
            };
        }

        /** The name on the command line. */
        @Override
        public String toString() {
            return OptionValue.of(this);
        }
    }

    @Option(names = "--part", order = 1, defaultValue = "test", description = "${COMPLETION-CANDIDATES}.")
    private Part part = Part.TEST;

    @Mixin
    private MovedData moved = new MovedData();

    @Override
    int run() {
        TrainCommand command = folder().command(this);
        RunFolder.Trained trained = folder().trained(this, command);
        moved.applyTo(command);
        Parts parts = folder().fromSettings(this, () -> {
                    command.data().check(this);
                    return command.data();
                })
                .load();
        new SameClasses(parts.classNames()).require(trained.classNames());
        Dataset<IntTensor> images = part.of(parts);
        require(images.instances() > 0, "--part " + part + ": the run has no such images");
        Judgement judgement =
                Judgement.of(trained.model(), images, trained.classNames().size());
        out().printf("%s: %d images; %s%n", part, images.instances(), judgement);
        out().println("rows are what the images are, columns what they were taken for");
        out().print(judgement.confusion().table(trained.classNames()));
        out().flush();
        return ExitCode.OK;
    }
}
