package hrm.model.learn;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import hrm.model.io.ModelFileException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What happened in a training run: JSON, one object a line, in the order of writing.
 *
 * <pre>
 * {"type":"run","step":0,"settings":{"arch":{},"train":{}},"started":"...Z","machine":"..."}
 * {"type":"progress","step","seconds","loss","lm_loss","q_halt_loss","cell_accuracy",
 *  "exact_accuracy","mean_segments","lr","samples_per_second"}
 * {"type":"evaluation","step","seconds","set":"validation","puzzles","exact_by_segment":[],
 *  "cell_accuracy","halting_accuracy","exact_at_halt","mean_segments_at_halt","best"}
 * </pre>
 *
 * A run line opens each sitting; its {@code step} is the checkpoint's that the sitting goes on from
 * (0: from the beginning), and what earlier sittings wrote beyond that step no longer counts.
 * Losses are means a sample, accuracies shares in [0, 1], {@code seconds} those of all sittings; a
 * number that is not finite is null. {@code set} is {@code validation} or {@code held_out}.
 */
public final class TrainingLog implements AutoCloseable {
  /** Its name in a run's folder. */
  public static final String FILE = "log.jsonl";

  /**
   * What still counts of a log, by step.
   *
   * @param runs the sittings' opening lines
   */
  public record Contents(
      List<JsonObject> runs, List<JsonObject> progress, List<JsonObject> evaluations) {}

  private static final Gson GSON =
      new GsonBuilder().disableHtmlEscaping().serializeNulls().create();

  private final RandomAccessFile file;

  private TrainingLog(RandomAccessFile file) {
    this.file = file;
  }

  /** Opens a log to go on with, made if it is not there; a torn last line is cut off. */
  public static TrainingLog append(Path path) throws IOException {
    RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
    try {
      long end = file.length();
      while (end > 0) {
        file.seek(end - 1);
        if (file.read() == '\n') {
          break;
        }
        end--;
      }
      file.setLength(end);
      file.seek(end);
      return new TrainingLog(file);
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  /**
   * A sitting begins.
   *
   * @param step done before it
   * @param machine it runs on, in words
   */
  public void run(int step, TrainSettings settings, String machine) throws IOException {
    JsonObject line = line("run", step);
    line.add("settings", JsonParser.parseString(settings.toJson()));
    line.addProperty("started", Instant.now().toString());
    line.addProperty("machine", machine);
    write(line);
  }

  public void progress(Training.Progress p) throws IOException {
    JsonObject line = line("progress", p.step());
    number(line, "seconds", p.seconds());
    number(line, "loss", p.loss());
    number(line, "lm_loss", p.lmLoss());
    number(line, "q_halt_loss", p.qHaltLoss());
    number(line, "cell_accuracy", p.cellAccuracy());
    number(line, "exact_accuracy", p.exactAccuracy());
    number(line, "mean_segments", p.meanSegments());
    number(line, "lr", p.lr());
    number(line, "samples_per_second", p.samplesPerSecond());
    write(line);
  }

  /**
   * @param set {@code validation} or {@code held_out}
   * @param best whether these weights were saved as the best so far
   */
  public void evaluation(int step, double seconds, String set, Evaluation e, boolean best)
      throws IOException {
    JsonObject line = line("evaluation", step);
    number(line, "seconds", seconds);
    line.addProperty("set", set);
    line.addProperty("puzzles", e.puzzles());
    JsonArray exact = new JsonArray();
    for (double share : e.solved()) {
      exact.add(share);
    }
    line.add("exact_by_segment", exact);
    number(line, "cell_accuracy", e.cells());
    number(line, "halting_accuracy", e.halting());
    number(line, "exact_at_halt", e.solvedAtHalt());
    number(line, "mean_segments_at_halt", e.meanSegments());
    line.addProperty("best", best);
    write(line);
  }

  private static JsonObject line(String type, int step) {
    JsonObject line = new JsonObject();
    line.addProperty("type", type);
    line.addProperty("step", step);
    return line;
  }

  private static void number(JsonObject line, String key, double value) {
    line.addProperty(key, Double.isFinite(value) ? value : null);
  }

  /** One write a line, so that a kill tears the last line at most. */
  private void write(JsonObject line) throws IOException {
    file.write((GSON.toJson(line) + "\n").getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  /**
   * Reads a log; a torn last line is ignored, and lines of other types, too.
   *
   * @throws ModelFileException naming the line that is not one of a log
   */
  public static Contents read(Path path) throws IOException {
    if (!Files.isRegularFile(path)) {
      throw new ModelFileException(
          path, "does not exist; give a folder that hrm train has written, or its " + FILE);
    }
    String text = new String(Files.readAllBytes(path), StandardCharsets.UTF_8);
    String[] lines = text.substring(0, text.lastIndexOf('\n') + 1).split("\n");
    Contents contents = new Contents(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (int i = 0; i < lines.length; i++) {
      if (!lines[i].isBlank()) {
        try {
          add(contents, JsonParser.parseString(lines[i]).getAsJsonObject());
        } catch (JsonParseException
            | IllegalStateException
            | NumberFormatException
            | UnsupportedOperationException e) {
          throw new ModelFileException(
              path,
              "line %d is not a training log's (%s); remove it".formatted(i + 1, e.getMessage()),
              e);
        }
      }
    }
    if (contents.runs.isEmpty()) {
      throw new ModelFileException(
          path, "has no line of type \"run\"; give the " + FILE + " of an hrm train folder");
    }
    return contents;
  }

  private static void add(Contents contents, JsonObject line) {
    JsonElement type = line.get("type");
    if (type == null || !line.has("step")) {
      throw new IllegalStateException("it has no type and step");
    }
    int step = line.get("step").getAsInt();
    switch (type.getAsString()) {
      case "run" -> {
        contents.progress.removeIf(earlier -> earlier.get("step").getAsInt() > step);
        contents.evaluations.removeIf(earlier -> earlier.get("step").getAsInt() > step);
        contents.runs.add(line);
      }
      case "progress" -> contents.progress.add(line);
      case "evaluation" -> contents.evaluations.add(line);
      default -> {} // of a later version
    }
  }
}
