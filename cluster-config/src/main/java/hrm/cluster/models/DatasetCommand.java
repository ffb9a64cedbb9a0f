package hrm.cluster.models;

import picocli.CommandLine.Command;

/** {@code hrm dataset}: puzzles as files. */
@Command(
    name = "dataset",
    mixinStandardHelpOptions = true,
    subcommands = {
      DatasetInfoCommand.class,
      DatasetGenerateCommand.class,
      DatasetConvertCommand.class
    },
    description = "Look into datasets, make new ones, and write them in the published .npy format.",
    footer = {"", "Example: hrm dataset info puzzles.csv"})
public final class DatasetCommand {}
