package hrm.cluster.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import hrm.cluster.cli.Printed;
import hrm.gateway.Outcome;
import hrm.proto.JobFailure;
import hrm.proto.JobFailure.Cause;
import hrm.proto.PuzzleResult;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import picocli.CommandLine;

class ResultsCommandTest {
  private static final List<Outcome> ALL =
      List.of(answered("a"), failed("b"), answered("c"), failed("d"));

  @RegisterExtension final Printed out = Printed.onStdout();

  private static Outcome answered(String id) {
    return new Outcome.Answered(
        PuzzleResult.newBuilder().setJobId(id).setSegments(2).setText("12").build());
  }

  private static Outcome failed(String id) {
    return new Outcome.Failed(
        JobFailure.newBuilder()
            .setJobId(id)
            .setCause(Cause.UNKNOWN_MODEL)
            .setMessage("No.")
            .build(),
        id);
  }

  /** What is printed of all outcomes, in two parts. */
  private String printed(String... args) {
    ResultsCommand command = new ResultsCommand();
    new CommandLine(command).parseArgs(args);
    out.clear();
    command.print(ALL.subList(0, 1));
    command.print(ALL.subList(1, 4));
    return out.text();
  }

  @Test
  void text_ofADeadLetter_hasItsCause() {
    assertEquals(
        "a unsolved 2 segments 12\nb dead letter, unknown-model: No.\n", printed("a", "b"));
  }

  @Test
  void onlyWhatIsAskedFor_isPrinted() {
    assertEquals(4, printed().lines().count());
    assertEquals("c unsolved 2 segments 12\n", printed("c", "x"));
    assertEquals(
        List.of("b", "d"), printed("--dead-letters").lines().map(l -> l.split(" ")[0]).toList());
    assertEquals("", printed("a", "--dead-letters"));
    assertEquals(
        List.of("a", "b"), printed("--limit", "2").lines().map(l -> l.split(" ")[0]).toList());
  }
}
