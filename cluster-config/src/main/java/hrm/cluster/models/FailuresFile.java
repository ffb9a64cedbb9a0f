package hrm.cluster.models;

import com.google.gson.JsonObject;
import hrm.cluster.cli.CommandException;
import hrm.cluster.cli.Json;
import hrm.model.learn.EvaluationReport;
import hrm.model.learn.Outcome;
import hrm.model.puzzle.PuzzleKind;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * The answers that were not exact, a line each, as they come. As CSV it is a file of puzzles
 * itself, in which {@code answer} is the solution: {@code hrm eval} and {@code hrm submit} read it.
 */
final class FailuresFile implements AutoCloseable {
  private static final String HEADER =
      "source,question,answer,rating,index,model_answer,wrong_cells,segments\n";

  private final Path file;
  private final Writer out;
  private final boolean csv;
  private final Optional<PuzzleKind> rules;

  private FailuresFile(Path file, Writer out, Optional<PuzzleKind> rules) throws IOException {
    this.file = file;
    this.out = out;
    this.csv = file.toString().toLowerCase(Locale.ROOT).endsWith(".csv");
    this.rules = rules;
    if (csv) {
      out.write(HEADER);
    }
  }

  /**
   * @param rules of the puzzles, where they are known
   * @throws CommandException when the file cannot be written
   */
  static FailuresFile open(Path file, Optional<PuzzleKind> rules) {
    try {
      return new FailuresFile(file, Files.newBufferedWriter(file, StandardCharsets.UTF_8), rules);
    } catch (IOException e) {
      throw CommandException.wrongInput(
          "--failures %s cannot be written (%s); name a file in a folder that exists"
              .formatted(file, e.getClass().getSimpleName()));
    }
  }

  /** Writes an outcome that is a failure. */
  void finished(Outcome outcome) {
    if (!outcome.exact()) {
      try {
        out.write(csv ? row(outcome) : Json.line(json(rules, outcome)));
      } catch (IOException e) {
        throw CommandException.failed(
            "--failures %s: %s".formatted(file, CommandException.reason(e)), e);
      }
    }
  }

  /** One failure as {@code --json} shows it, too. */
  static JsonObject json(Optional<PuzzleKind> rules, Outcome failure) {
    JsonObject json = new JsonObject();
    json.addProperty("index", failure.index());
    json.addProperty("puzzle", EvaluationReport.text(rules, failure.example().inputs()));
    json.addProperty("answer", EvaluationReport.text(rules, failure.answer()));
    json.addProperty("expected", EvaluationReport.text(rules, failure.example().labels()));
    json.addProperty("wrong_cells", failure.wrongCells());
    json.addProperty("segments", failure.segments());
    json.addProperty("halting_signal", failure.signal());
    json.addProperty("solved", rules.isPresent() ? failure.solved() : null);
    return json;
  }

  private String row(Outcome failure) {
    return "failure,%s,%s,0,%d,%s,%d,%d\n"
        .formatted(
            EvaluationReport.text(rules, failure.example().inputs()),
            EvaluationReport.text(rules, failure.example().labels()),
            failure.index(),
            EvaluationReport.text(rules, failure.answer()),
            failure.wrongCells(),
            failure.segments());
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
