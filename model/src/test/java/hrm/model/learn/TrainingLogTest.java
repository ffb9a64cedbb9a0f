package hrm.model.learn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import hrm.model.io.ModelFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingLogTest {
  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve(TrainingLog.FILE);
  }

  static Training.Progress progress(int step, double loss) {
    return new Training.Progress(
        step, 100, step * 2.0, loss, loss / 2, loss / 4, 0.5, 0.25, 3.5, 1e-3, 120, 60);
  }

  static Evaluation evaluation(double... solved) {
    return new Evaluation(200, solved, 0.9, 0.8, 2.5, 0.6);
  }

  private void sitting(int from, int... steps) throws IOException {
    try (TrainingLog log = TrainingLog.append(file)) {
      log.run(from, TrainSettings.preset("sudoku-4x4"), "a machine");
      for (int step : steps) {
        log.progress(progress(step, 1.0 / step));
        log.evaluation(step, step * 2.0, "validation", evaluation(0.1, 0.2), true);
      }
    }
  }

  private static List<Integer> steps(List<JsonObject> lines) {
    return lines.stream().map(line -> line.get("step").getAsInt()).toList();
  }

  @Test
  void read_whatWasWritten_hasEveryValue() throws IOException {
    sitting(0, 8);
    TrainingLog.Contents log = TrainingLog.read(file);
    JsonObject run = log.runs().get(0);
    assertEquals("a machine", run.get("machine").getAsString());
    assertTrue(run.getAsJsonObject("settings").getAsJsonObject("train").has("batch"));
    assertEquals(
        "{\"type\":\"progress\",\"step\":8,\"seconds\":16.0,\"loss\":0.125,\"lm_loss\":0.0625,"
            + "\"q_halt_loss\":0.03125,\"cell_accuracy\":0.5,\"exact_accuracy\":0.25,"
            + "\"mean_segments\":3.5,\"lr\":0.001,\"samples_per_second\":120.0}",
        log.progress().get(0).toString());
    assertEquals(
        "{\"type\":\"evaluation\",\"step\":8,\"seconds\":16.0,\"set\":\"validation\","
            + "\"puzzles\":200,\"exact_by_segment\":[0.1,0.2],\"cell_accuracy\":0.9,"
            + "\"halting_accuracy\":0.8,\"exact_at_halt\":0.6,\"mean_segments_at_halt\":2.5,"
            + "\"best\":true}",
        log.evaluations().get(0).toString());
  }

  @Test
  void read_afterResume_theLaterStepsWin() throws IOException {
    sitting(0, 10, 20, 30, 40);
    sitting(20, 25, 35);
    TrainingLog.Contents log = TrainingLog.read(file);
    assertEquals(List.of(10, 20, 25, 35), steps(log.progress()));
    assertEquals(List.of(10, 20, 25, 35), steps(log.evaluations()));
    assertEquals(List.of(0, 20), steps(log.runs()));
  }

  @Test
  void read_tornLastLine_isIgnoredAndCutByTheNextSitting() throws IOException {
    sitting(0, 10, 20);
    String torn = "{\"type\":\"progress\",\"step\":3,\"machine\":\"" + "x".repeat(10_000);
    Files.writeString(file, torn, StandardOpenOption.APPEND);
    assertEquals(List.of(10, 20), steps(TrainingLog.read(file).progress()));
    sitting(20, 30);
    assertEquals(List.of(10, 20, 30), steps(TrainingLog.read(file).progress()));
    assertTrue(Files.readString(file).endsWith("}\n"), "nothing of the torn line is left");
  }

  @Test
  void append_toOneTornLine_beginsAnew() throws IOException {
    Files.writeString(file, "{\"type\":\"ru");
    sitting(0, 10);
    assertEquals(List.of(10), steps(TrainingLog.read(file).progress()));
  }

  @Test
  void write_isOnDiskAtOnce() throws IOException {
    try (TrainingLog log = TrainingLog.append(file)) {
      log.run(0, TrainSettings.preset("sudoku-4x4"), "");
      log.progress(progress(1, 1));
      assertEquals(1, TrainingLog.read(file).progress().size());
    }
  }

  @Test
  void progress_ofALossThatIsNoNumber_isNull() throws IOException {
    try (TrainingLog log = TrainingLog.append(file)) {
      log.run(0, TrainSettings.preset("sudoku-4x4"), "");
      log.progress(progress(1, Double.NaN));
    }
    assertTrue(TrainingLog.read(file).progress().get(0).get("loss").isJsonNull());
  }

  @Test
  void read_brokenLineInside_isNamed() throws IOException {
    sitting(0, 10);
    Files.writeString(file, "not json {\n", StandardOpenOption.APPEND);
    sitting(10, 20);
    ModelFileException e = assertThrows(ModelFileException.class, () -> TrainingLog.read(file));
    assertTrue(e.getMessage().contains("line 4 is not a training log's"), e.getMessage());
  }

  @Test
  void read_otherTypes_areSkipped() throws IOException {
    sitting(0, 10);
    Files.writeString(file, "{\"type\":\"note\",\"step\":1}\n", StandardOpenOption.APPEND);
    assertEquals(List.of(10), steps(TrainingLog.read(file).progress()));
  }

  @Test
  void read_nothing_saysWhatToGive() throws IOException {
    assertThrows(ModelFileException.class, () -> TrainingLog.read(file));
    Files.writeString(file, "");
    ModelFileException e = assertThrows(ModelFileException.class, () -> TrainingLog.read(file));
    assertTrue(e.getMessage().contains("has no line of type \"run\""), e.getMessage());
  }
}
