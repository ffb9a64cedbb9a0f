package hrm.cluster.models;

import hrm.cluster.cli.CommandException;
import hrm.cluster.cli.OnTermination;
import hrm.cluster.cli.OutFile;
import hrm.cluster.jobs.Puzzles;
import hrm.model.puzzle.Example;
import hrm.model.puzzle.PuzzleGenerator;
import hrm.model.puzzle.PuzzleKind;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hrm dataset generate}: new puzzles as CSV. */
@Command(
    name = "generate",
    mixinStandardHelpOptions = true,
    description = {
      "Make puzzles with one solution each, all different, and write them as CSV with the header",
      "source,question,answer,rating. The same seed makes the same file. Training makes puzzles of",
      "its own of a seed: what is made here tests a model that was trained on those."
    },
    footer = {
      "",
      "Example: hrm dataset generate maze-30x30 --count 1000 --seed 1 --out maze/train.csv"
    })
final class DatasetGenerateCommand implements Callable<Integer> {
  /** So many puzzles in a row that were there before: the kind has no more. */
  private static final int PATIENCE = 10_000;

  @Parameters(paramLabel = "KIND", description = "sudoku-4x4, sudoku-6x6, sudoku-9x9, maze-30x30.")
  String kind;

  @Option(
      names = "--count",
      defaultValue = "1000",
      description = "Puzzles (default: ${DEFAULT-VALUE}).")
  int count;

  @Option(
      names = "--seed",
      defaultValue = "0",
      description = "Any whole number (default: ${DEFAULT-VALUE}).")
  long seed;

  @Option(names = "--out", required = true, description = "CSV file to write.")
  Path out;

  @Override
  public Integer call() throws IOException {
    PuzzleKind puzzles = Puzzles.named("KIND", kind);
    if (count < 1) {
      throw CommandException.wrongInput("--count %d: must be 1 or more".formatted(count));
    }
    if (Files.exists(out)) {
      throw CommandException.wrongInput(
          "%s exists already; remove it, or choose another --out".formatted(out));
    }
    if (out.toAbsolutePath().getParent() != null) {
      Files.createDirectories(out.toAbsolutePath().getParent());
    }
    OutFile.check("--out", out);
    Path part = out.resolveSibling(out.getFileName() + ".part"); // nobody takes it for the whole
    OnTermination stop = new OnTermination("dataset-stop", () -> abandon(part));
    try (stop) {
      try (Writer csv = Files.newBufferedWriter(part, StandardCharsets.UTF_8)) {
        csv.write("source,question,answer,rating\n");
        write(csv, puzzles);
      }
      Files.move(part, out);
    } finally {
      Files.deleteIfExists(part);
    }
    System.out.println(out);
    return 0;
  }

  private void abandon(Path part) {
    try {
      if (Files.deleteIfExists(part)) {
        System.err.println("stopped: %s was not written".formatted(out));
      }
    } catch (IOException e) {
      System.err.println("stopped: %s remains (%s)".formatted(part, CommandException.reason(e)));
    }
  }

  private void write(Writer csv, PuzzleKind puzzles) throws IOException {
    PuzzleGenerator generator = PuzzleGenerator.of(puzzles, seed);
    MakingProgress progress = MakingProgress.onStderr(kind, count);
    Set<String> written = new HashSet<>();
    for (int tries = 0; written.size() < count; tries++) {
      Example example = generator.next();
      String question = puzzles.text(example.inputs());
      if (written.add(question)) {
        tries = 0;
        csv.write(
            "hrm-seed-%d,%s,%s,0\n".formatted(seed, question, puzzles.text(example.labels())));
        progress.made(written.size());
      } else if (tries == PATIENCE) {
        throw CommandException.failed(
            "%s: %d different puzzles were found and no more; ask for fewer"
                .formatted(kind, written.size()));
      }
    }
    progress.end();
  }
}
