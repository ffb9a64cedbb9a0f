package hrm.cluster.models;

import hrm.cluster.cli.CommandException;
import hrm.model.data.Dataset;
import hrm.model.data.Datasets;
import hrm.model.data.NpyWriter;
import hrm.model.data.Pool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code hrm dataset convert}: a CSV file, or a folder of theirs, as the published builders'
 * folder.
 */
@Command(
    name = "convert",
    mixinStandardHelpOptions = true,
    description = {
      "Write puzzles in the .npy format that the published code of HRM and TRM trains on: each",
      "puzzle and so many augmented copies of it. A folder's examples and identifiers are kept."
    },
    footer = {"", "Example: hrm dataset convert train.csv --out data/sudoku --augment 1000"})
final class DatasetConvertCommand implements Callable<Integer> {
  private static final long MOST_BYTES = Integer.MAX_VALUE; // that a mapped array may have

  @Parameters(
      paramLabel = "CSV|DIR",
      description =
          "A CSV file or an .npy folder; of one with splits, the split of --split's name.")
  Path path;

  @Option(names = "--out", required = true, description = "Folder of the new dataset.")
  Path out;

  @Option(
      names = "--split",
      defaultValue = "train",
      description =
          "Folder in it, by any plain name; published code reads train and test (default:"
              + " ${DEFAULT-VALUE}).")
  String split;

  @Option(
      names = "--augment",
      defaultValue = "0",
      description =
          "Copies of each puzzle of a CSV file; of a maze at most 7, all different (default:"
              + " ${DEFAULT-VALUE}).")
  int copies;

  @Option(
      names = "--seed",
      defaultValue = "0",
      description = "Of the copies (default: ${DEFAULT-VALUE}).")
  long seed;

  @Override
  public Integer call() throws IOException {
    if (copies < 0) {
      throw CommandException.wrongInput("--augment %d: must be 0 or more".formatted(copies));
    }
    if (!split.matches("[A-Za-z0-9._-]{1,100}")) {
      throw CommandException.wrongInput(
          "--split %s: must be a plain name such as train or test".formatted(split));
    }
    Path into = out.resolve(split);
    if (Files.exists(into)) {
      throw CommandException.wrongInput(
          "%s exists already; remove it, or choose another --out or --split".formatted(into));
    }
    Path from = Datasets.locate(path, split);
    Dataset puzzles = Datasets.open(from);
    System.err.printf(
        "read %s: %,d puzzles, %,d examples%n", from, puzzles.size(), puzzles.eachExample().size());
    if (puzzles instanceof Pool pool) {
      augment(pool);
    } else if (copies == 0) {
      NpyWriter.copy(from, out, split);
    } else {
      throw CommandException.wrongInput(
          "--augment %d: the examples of an .npy folder are kept as they are; leave it out, or give a CSV file"
              .formatted(copies));
    }
    System.out.println(into);
    return 0;
  }

  private void augment(Pool puzzles) throws IOException {
    double bytes = NpyWriter.bytes(puzzles, copies);
    if (bytes > MOST_BYTES) {
      throw CommandException.wrongInput(
          "--augment %d: the array of %d puzzles would have %.1f GB, and 2.1 are the limit; training augments as it goes, so few copies or none are enough"
              .formatted(copies, puzzles.size(), bytes / 1e9));
    }
    NpyWriter.write(puzzles, out, split, copies, seed);
  }
}
