package hrm.cluster.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.cluster.cli.ConfigOptions;
import hrm.gateway.GatewaySettings;
import hrm.gateway.ResultReader;
import hrm.gateway.Topics;
import hrm.proto.HaltingPolicy;
import hrm.proto.JobOptions;
import hrm.proto.PuzzleJob;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Jobs that keep coming while a test does something to the nodes, and what becomes of them. */
public final class Load implements AutoCloseable {
  private static final int BATCH = 30;

  public final Delivery delivery = new Delivery(Delivery.newRun("load"));
  private final GatewaySettings settings;
  private final ResultReader reader;
  private final Answers answers;
  private final int segments;
  private final Iterator<Puzzle> puzzles =
      Puzzles.generated(Puzzles.set("sudoku-4x4"), 50_000).iterator();
  private long lastAnswer = System.nanoTime();
  private long longestGap;

  /**
   * @param segments of each job, so that jobs are in flight all the time
   */
  public Load(String bootstrap, int segments) {
    ConfigOptions options = new ConfigOptions();
    options.bootstrap = bootstrap;
    settings = GatewaySettings.from(options.load());
    this.segments = segments;
    Topics.ensure(settings);
    reader = ResultReader.fromEnd(settings);
    answers = new Answers(delivery, reader, new Progress(System.err, false));
  }

  /** Keeps jobs coming until something holds. */
  public void until(BooleanSupplier holds) {
    while (!holds.getAsBoolean()) {
      if (delivery.jobs() - delivery.results() < 2 * BATCH) {
        send();
      }
      poll();
    }
  }

  /** Keeps jobs coming until so many more are answered. */
  public void untilAnswered(int more) {
    int wanted = delivery.results() + more;
    until(() -> delivery.results() >= wanted);
  }

  private void send() {
    List<PuzzleJob> jobs = new ArrayList<>();
    for (int i = 0; i < BATCH; i++) {
      jobs.add(
          delivery
              .job(puzzles.next())
              .setOptions(
                  JobOptions.newBuilder()
                      .setHalting(HaltingPolicy.MAX_STEPS)
                      .setMaxSegments(segments))
              .build());
    }
    SubmitCommand.send(settings, jobs);
  }

  private void poll() {
    int before = delivery.results();
    answers.poll();
    long now = System.nanoTime();
    longestGap = Math.max(longestGap, now - lastAnswer);
    if (delivery.results() > before) {
      lastAnswer = now;
    }
  }

  /** How many came from a node, called as in results. */
  public int answers(String node) {
    return answers.byNode().getOrDefault(node, 0);
  }

  /** From now on. */
  public void resetGap() {
    longestGap = 0;
    lastAnswer = System.nanoTime();
  }

  /** The longest time without an answer though jobs were waiting. */
  public Duration longestGap() {
    return Duration.ofNanos(longestGap);
  }

  /** Waits for the rest; every job has one answer, and none a second one. */
  public void assertExactlyOnce() {
    answers.follow(() -> {});
    answers.late();
    assertEquals(0, delivery.duplicates());
    assertEquals(0, delivery.deadLettered());
    assertTrue(delivery.exactlyOnce());
  }

  @Override
  public void close() {
    reader.close();
  }
}
