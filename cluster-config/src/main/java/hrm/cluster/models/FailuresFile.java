package hrm.cluster.models;

import com.google.gson.JsonObject;
import hrm.cluster.cli.CommandException;
import hrm.cluster.cli.Json;
import hrm.model.learn.EvaluationReport;
import hrm.model.learn.Outcome;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The answers that were not exact, a line each. As CSV it is a file of puzzles itself, in which
 * {@code answer} is the solution: {@code hrm eval} and {@code hrm submit} read it.
 */
final class FailuresFile implements AutoCloseable {
  private static final String HEADER =
      "source,question,answer,rating,index,model_answer,wrong_cells,segments\n";

  private final Writer out;
  private final boolean csv;

  private FailuresFile(Writer out, boolean csv) {
    this.out = out;
    this.csv = csv;
  }

  /**
   * @throws CommandException when the file cannot be written
   */
  static FailuresFile open(Path file) {
    try {
      return new FailuresFile(
          Files.newBufferedWriter(file, StandardCharsets.UTF_8),
          file.toString().toLowerCase(Locale.ROOT).endsWith(".csv"));
    } catch (IOException e) {
      throw CommandException.wrongInput(
          "--failures %s cannot be written (%s); name a file in a folder that exists"
              .formatted(file, e.getClass().getSimpleName()));
    }
  }

  void write(EvaluationReport report) throws IOException {
    if (csv) {
      out.write(HEADER);
    }
    for (Outcome failure : report.failures()) {
      out.write(csv ? row(report, failure) : Json.line(json(report, failure)));
    }
  }

  /** One failure as {@code --json} shows it, too. */
  static JsonObject json(EvaluationReport report, Outcome failure) {
    JsonObject json = new JsonObject();
    json.addProperty("index", failure.index());
    json.addProperty("puzzle", report.text(failure.example().inputs()));
    json.addProperty("answer", report.text(failure.answer()));
    json.addProperty("expected", report.text(failure.example().labels()));
    json.addProperty("wrong_cells", failure.wrongCells());
    json.addProperty("segments", failure.segments());
    json.addProperty("halting_signal", failure.signal());
    json.addProperty("solved", report.rules().isPresent() ? failure.solved() : null);
    return json;
  }

  private static String row(EvaluationReport report, Outcome failure) {
    return "failure,%s,%s,0,%d,%s,%d,%d\n"
        .formatted(
            report.text(failure.example().inputs()),
            report.text(failure.example().labels()),
            failure.index(),
            report.text(failure.answer()),
            failure.wrongCells(),
            failure.segments());
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
