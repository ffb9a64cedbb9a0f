package hrm.cluster.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.proto.JobOptions;
import hrm.proto.TraceChoice;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class SubmitCommandTest {
  private static JobOptions options(String... args) {
    SubmitCommand command = new SubmitCommand();
    new CommandLine(command).parseArgs(args);
    return command.jobOptions();
  }

  @Test
  void trace_isAskedForOnlyWhereItIs() {
    assertEquals(TraceChoice.TRACE_UNSET, options("f").getTrace());
    assertEquals(TraceChoice.TRACE_ON, options("f", "--trace").getTrace());
  }

  @Test
  void deadline_countsFromNow() {
    assertFalse(options("f").hasDeadline());
    long before = Instant.now().getEpochSecond();
    long deadline = options("f", "--deadline", "90s").getDeadline().getSeconds();
    long after = Instant.now().getEpochSecond();
    assertTrue(before + 90 <= deadline && deadline <= after + 91, deadline + " of " + before);
    assertTrue(options("f", "--deadline", "1.5h").getDeadline().getSeconds() >= before + 5_400);
  }
}
