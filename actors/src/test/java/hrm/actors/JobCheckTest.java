package hrm.actors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Timestamp;
import hrm.model.HaltingPolicy;
import hrm.model.Model;
import hrm.proto.JobFailure.Cause;
import hrm.proto.PuzzleJob;
import hrm.proto.Tokens;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class JobCheckTest {
  private static final Model SUDOKU = TestModels.tiny();
  private static final Model PLAIN = TestModels.tiny(null);
  private static final JobCheck CHECK =
      new JobCheck(List.of(SUDOKU, PLAIN), TestModels.settings("max-segments = 64"));
  private static final String TEXT = "1.............4.";

  private static PuzzleJob.Builder job() {
    return PuzzleJob.newBuilder().setId("j1").setText(TEXT);
  }

  private static Tokens tokens(int... values) {
    return Tokens.newBuilder().addAllValues(Arrays.stream(values).boxed().toList()).build();
  }

  @Test
  void text_becomesTokensOfTheFirstModelThatFits() {
    Task task = CHECK.check(job().build());
    assertEquals(SUDOKU.name(), task.job().getModel());
    assertEquals(2, task.tokens()[0]);
    assertEquals(1, task.tokens()[1]);
    assertEquals(5, task.maxSegments());
    assertEquals(HaltingPolicy.VERIFIED, task.policy());
    assertEquals(TEXT, task.puzzle());
  }

  @Test
  void check_ofACheckedJob_changesNothing() {
    Task task = CHECK.check(job().build());
    Task again = CHECK.check(task.job());
    assertEquals(task.job(), again.job());
    assertArrayEquals(task.tokens(), again.tokens());
  }

  @Test
  void model_isChosenByKindOrName() {
    assertEquals(SUDOKU.name(), CHECK.check(job().setModel("sudoku-4x4").build()).job().getModel());
    Task plain = CHECK.check(job().setModel(PLAIN.name()).setTokens(tokens(new int[16])).build());
    assertEquals(PLAIN.name(), plain.job().getModel());
    assertEquals("0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0", plain.puzzle());
    assertEquals("", plain.text(plain.tokens()));
  }

  static Stream<Arguments> invalidJobs() {
    return Stream.of(
        invalid("id", "is empty", job -> job.setId(" ")),
        invalid("text", "there is no puzzle", PuzzleJob.Builder::clearPuzzle),
        invalid("text", "3 cells", job -> job.setText("1.2")),
        invalid("text", "x", job -> job.setText("x...............")),
        invalid("text", "contradict", job -> job.setText("11..............")),
        invalid("tokens", "2 cells", job -> job.setTokens(tokens(1, 2))),
        invalid(
            "tokens", "15 cells", job -> job.setModel(PLAIN.name()).setTokens(tokens(new int[15]))),
        invalid(
            "tokens",
            "cell 0 holds token 6",
            job ->
                job.setModel(PLAIN.name())
                    .setTokens(tokens(6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))),
        invalid("text", "has no text form", job -> job.setModel(PLAIN.name())),
        invalid("puzzle_identifier", "rows 0 to 2", job -> job.setPuzzleIdentifier(3)),
        invalid("puzzle_identifier", "is -1", job -> job.setPuzzleIdentifier(-1)),
        invalid(
            "options.max_segments",
            "use 1 to 64",
            job -> job.getOptionsBuilder().setMaxSegments(65)),
        invalid("options.max_segments", "is -1", job -> job.getOptionsBuilder().setMaxSegments(-1)),
        invalid(
            "options.halting", "is number 9", job -> job.getOptionsBuilder().setHaltingValue(9)),
        invalid("options.trace", "is number 9", job -> job.getOptionsBuilder().setTraceValue(9)),
        invalid(
            "options.halting",
            "VERIFIED",
            job -> {
              job.setModel(PLAIN.name()).setTokens(tokens(new int[16]));
              job.getOptionsBuilder().setHalting(hrm.proto.HaltingPolicy.VERIFIED);
            }),
        invalid("options.deadline", "-1 s", job -> deadline(job, -1, 0)),
        invalid("options.deadline", "-5 ns", job -> deadline(job, 1, -5)),
        invalid("options.deadline", "after 1970", job -> deadline(job, Long.MAX_VALUE, 0)));
  }

  private static void deadline(PuzzleJob.Builder job, long seconds, int nanos) {
    job.getOptionsBuilder().setDeadline(Timestamp.newBuilder().setSeconds(seconds).setNanos(nanos));
  }

  private static Arguments invalid(String field, String says, Consumer<PuzzleJob.Builder> wrong) {
    PuzzleJob.Builder job = job();
    wrong.accept(job);
    return Arguments.of(field, says, job.build());
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("invalidJobs")
  void invalidJob_isNamedWithFieldReasonAndRemedy(String field, String says, PuzzleJob job) {
    JobInvalid invalid = assertThrows(JobInvalid.class, () -> CHECK.check(job));
    assertEquals(Cause.INVALID, invalid.cause());
    assertEquals(field, invalid.field());
    assertTrue(
        invalid.getMessage().startsWith("job \"" + job.getId() + "\", " + field + ": "),
        invalid.getMessage());
    assertTrue(invalid.getMessage().contains(says), invalid.getMessage());
    assertTrue(invalid.getMessage().contains("; "), invalid.getMessage());
  }

  @Test
  void unknownModel_listsTheKnownOnes() {
    JobInvalid invalid =
        assertThrows(JobInvalid.class, () -> CHECK.check(job().setModel("chess").build()));
    assertEquals(Cause.UNKNOWN_MODEL, invalid.cause());
    assertEquals("model", invalid.field());
    assertEquals(
        "job \"j1\", model: \"chess\" is not known here; known models: %s (sudoku-4x4), %s (16 tokens)"
            .formatted(SUDOKU.name(), PLAIN.name()),
        invalid.getMessage());
  }
}
