package hrm.cluster.chaos;

import hrm.cluster.chaos.ChaosPlan.Kind;
import hrm.cluster.chaos.Timeline.What;
import hrm.cluster.cli.ConfigOptions;
import hrm.cluster.cli.Json;
import hrm.cluster.jobs.Delivery;
import hrm.cluster.jobs.Puzzle;
import hrm.cluster.settings.Role;
import hrm.gateway.GatewaySettings;
import hrm.gateway.JobProducer;
import hrm.gateway.Outcome;
import hrm.gateway.ResultReader;
import hrm.gateway.Topics;
import hrm.proto.PuzzleJob;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A fleet at work while a plan is carried out against it. Jobs are sent evenly over the plan's
 * time; a node that ends is started anew, as a supervisor would. In the end all topics are read
 * again from their beginning.
 */
final class Chaos {
  private static final Duration POLL = Duration.ofMillis(50);
  private static final double SILENCE = 180; // seconds without an answer while some are missing
  private static final double SETTLED =
      25; // seconds that all have been ready: a thawed node learns late
  private static final double WHOLE = 60; // seconds in which every planner has to answer something
  private static final Duration STOP = Duration.ofSeconds(60);

  private final long seed;
  private final ChaosPlan plan;
  private final Fleet fleet;
  private final List<Puzzle> puzzles;
  private final Timeline timeline;
  private final Mishaps mishaps;
  private final Supervisor supervisor;
  private final GatewaySettings settings;
  private final ExecutorService sender = Executors.newSingleThreadExecutor();

  Chaos(long seed, ChaosPlan plan, Fleet fleet, List<Puzzle> puzzles, Timeline timeline) {
    this.seed = seed;
    this.plan = plan;
    this.fleet = fleet;
    this.puzzles = puzzles;
    this.timeline = timeline;
    this.mishaps = new Mishaps(plan, fleet, timeline);
    this.supervisor = new Supervisor(fleet, timeline);
    ConfigOptions options = new ConfigOptions();
    options.bootstrap = fleet.bootstrap();
    this.settings = GatewaySettings.from(options.load());
  }

  ChaosSummary run() throws Exception {
    fleet.startAll();
    Topics.ensure(settings);
    Delivery delivery = new Delivery(Delivery.newRun("chaos"));
    boolean whole;
    timeline.begin();
    try (ResultReader reader = ResultReader.fromEnd(settings);
        JobProducer producer = new JobProducer(settings, "/hrm/chaos")) {
      List<PuzzleJob> jobs = puzzles.stream().map(p -> delivery.job(p).build()).toList();
      work(new ArrayDeque<>(jobs), delivery, reader, producer);
      whole = isWhole(reader, producer);
    }
    double seconds = timeline.now();
    sender.shutdown();
    mishaps.awaitBroker();
    int unclean = 0;
    for (String node : fleet.names()) {
      unclean += fleet.stop(node, STOP) == 0 ? 0 : 1;
    }
    return count(delivery, whole, unclean, seconds);
  }

  /** Sends, harms, mends and reads until everything is answered and nothing is broken any more. */
  private void work(
      Deque<PuzzleJob> unsent, Delivery delivery, ResultReader reader, JobProducer producer)
      throws Exception {
    double interval = Math.max(0.001, plan.seconds() / Math.max(1, unsent.size()));
    double next = 0;
    double last = 0;
    while (!(unsent.isEmpty()
        && mishaps.over()
        && delivery.complete()
        && timeline.now() - supervisor.quietSince() > SETTLED)) {
      while (!unsent.isEmpty() && timeline.now() >= next) {
        PuzzleJob job = unsent.poll();
        sender.execute(() -> producer.send(job)); // which waits while there is no broker
        next += interval;
      }
      mishaps.goOn();
      supervisor.look(mishaps.anyFrozen());
      if (take(reader, delivery) > 0 || delivery.complete()) {
        last = timeline.now();
      }
      if (timeline.now() - last > SILENCE) {
        timeline.mark(
            "jobs",
            What.NOTE,
            "no answer for %.0f s, %d missing".formatted(SILENCE, missing(delivery)));
        return;
      }
    }
  }

  private static int missing(Delivery delivery) {
    return delivery.jobs() - delivery.results() - delivery.deadLettered();
  }

  private int take(ResultReader reader, Delivery delivery) {
    int taken = 0;
    for (Outcome outcome : reader.poll(POLL)) {
      if (outcome instanceof Outcome.Answered answered && delivery.answered(answered.result())) {
        timeline.answered();
        taken++;
      } else if (outcome instanceof Outcome.Failed failed && delivery.failed(failed.failure())) {
        timeline.mark("dead letters", What.NOTE, failed.failure().getMessage());
        taken++;
      }
    }
    return taken;
  }

  /** Whether every planner answers some of a last batch of jobs: none is left out. */
  private boolean isWhole(ResultReader reader, JobProducer producer) throws Exception {
    Set<String> solvers = new HashSet<>();
    for (String node : fleet.names()) {
      if (fleet.roles(node).contains(Role.PLANNER)) {
        solvers.add(fleet.address(node));
      }
    }
    Set<String> answering = new HashSet<>();
    double until = timeline.now() + WHOLE;
    while (!answering.containsAll(solvers) && timeline.now() < until) {
      Delivery batch = new Delivery(Delivery.newRun("whole"));
      for (int i = 0; i < 30 * solvers.size(); i++) {
        producer.send(batch.job(puzzles.get(i % puzzles.size())).build());
      }
      while (!batch.complete() && timeline.now() < until) {
        supervisor.look(false);
        for (Outcome outcome : reader.poll(POLL)) {
          if (outcome instanceof Outcome.Answered answered && batch.answered(answered.result())) {
            solvers.stream()
                .filter(address -> answered.result().getNode().contains("@" + address + ":"))
                .forEach(answering::add);
          }
        }
      }
    }
    return answering.containsAll(solvers);
  }

  private ChaosSummary count(Delivery sent, boolean whole, int unclean, double seconds)
      throws IOException {
    Delivery all = sent.again();
    int later = 0;
    try (ResultReader reader = ResultReader.fromBeginning(settings)) {
      while (!reader.caughtUp()) {
        for (Outcome outcome : reader.poll(POLL)) {
          if (outcome instanceof Outcome.Answered answered && all.answered(answered.result())) {
            later += answered.result().getAttempt() > 1 ? 1 : 0;
          } else if (outcome instanceof Outcome.Failed failed) {
            all.failed(failed.failure());
          }
        }
      }
    }
    return new ChaosSummary(
        seed,
        all.jobs(),
        all.results(),
        missing(all),
        all.duplicates(),
        all.deadLettered(),
        later,
        timeline.kills(),
        plan.count(Kind.FREEZE),
        plan.count(Kind.BROKER),
        plan.count(Kind.CUT),
        supervisor.restarts(),
        whole,
        unclean,
        Json.rounded(seconds, 1));
  }
}
