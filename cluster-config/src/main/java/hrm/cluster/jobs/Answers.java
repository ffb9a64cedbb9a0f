package hrm.cluster.jobs;

import hrm.cluster.cli.CommandException;
import hrm.gateway.Outcome;
import hrm.gateway.ResultReader;
import hrm.proto.PuzzleResult;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What comes back of one run's jobs, as it comes. */
public final class Answers {
  private static final Duration POLL = Duration.ofMillis(50);
  private static final Duration SILENCE = Duration.ofSeconds(300);

  private final Delivery delivery;
  private final ResultReader reader;
  private final Progress progress;
  private final Map<String, Integer> byNode = new TreeMap<>();
  private PuzzleResult any; // tells the model
  private boolean solvedOne;

  public Answers(Delivery delivery, ResultReader reader, Progress progress) {
    this.delivery = delivery;
    this.reader = reader;
    this.progress = progress;
  }

  /**
   * Until every job is back.
   *
   * @param check throws when no more can be expected
   * @return the seconds that it took
   */
  public double follow(Runnable check) {
    double last = progress.seconds();
    while (!delivery.complete()) {
      if (poll()) {
        last = progress.seconds();
      }
      progress.show(delivery);
      check.run();
      if (progress.seconds() - last > SILENCE.toSeconds()) {
        throw CommandException.failed(
            "nothing has come back for %d s; run with HRM_DEBUG=1 to see what the parts do"
                .formatted(SILENCE.toSeconds()));
      }
    }
    return last;
  }

  /** Takes what is there, and waits a moment if nothing is; whether anything was. */
  public boolean poll() {
    List<Outcome> outcomes = reader.poll(POLL);
    outcomes.forEach(this::take);
    return !outcomes.isEmpty();
  }

  /** What was committed and not read, once nobody can add to it any more. */
  public void late() {
    List<Outcome> late;
    do {
      late = reader.poll(POLL.multipliedBy(4));
      late.forEach(this::take);
    } while (!late.isEmpty());
  }

  private void take(Outcome outcome) {
    if (outcome instanceof Outcome.Answered answered) {
      PuzzleResult result = answered.result();
      if (delivery.answered(result)) {
        any = result;
        byNode.merge(result.getNode(), 1, Integer::sum);
        if (delivery.solved() == 1 && !solvedOne) {
          solvedOne = true;
          long millis = ManagementFactory.getRuntimeMXBean().getUptime();
          progress.say(
              "the first puzzle was solved %.1f s after the start".formatted(millis / 1e3));
        }
        progress.answered(delivery.puzzle(result), result);
      }
    } else if (outcome instanceof Outcome.Failed failed && delivery.failed(failed.failure())) {
      progress.say("dead letter: " + failed.failure().getMessage());
    }
  }

  /** First answers by the planner's node, as results name it. */
  public Map<String, Integer> byNode() {
    return byNode;
  }

  /** Empty while there is no answer. */
  public String model() {
    return any == null ? "" : any.getModel();
  }

  public String modelSha256() {
    return any == null ? "" : any.getModelSha256();
  }
}
