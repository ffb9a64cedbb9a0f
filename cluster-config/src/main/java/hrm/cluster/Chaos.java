package hrm.cluster;

import hrm.cluster.ChaosPlan.Event;
import hrm.cluster.ChaosPlan.Kind;
import hrm.gateway.GatewaySettings;
import hrm.gateway.JobProducer;
import hrm.gateway.Outcome;
import hrm.gateway.ResultReader;
import hrm.gateway.Topics;
import hrm.proto.PuzzleJob;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/**
 * A fleet at work while a plan is carried out against it. Jobs are sent evenly over the plan's
 * time; a node that ends, for whatever reason, is started anew after a second, as a supervisor
 * would. In the end all topics are read again from their beginning.
 */
final class Chaos {
  private static final Duration POLL = Duration.ofMillis(50);
  private static final double RESTART_DELAY = 1;
  private static final double SILENCE = 180; // seconds without an answer while some are missing
  private static final double SETTLED =
      25; // seconds that all have been ready: a thawed node learns late
  private static final Duration STOP = Duration.ofSeconds(60);

  /** Something that happened to a node, or to the broker. */
  record Mark(double at, String part, String what) {}

  /** What came of it. */
  record Summary(
      long seed,
      int jobs,
      int results,
      int lost,
      int duplicates,
      int dead_lettered,
      int later_attempts,
      long kills,
      long freezes,
      long broker_kills,
      long cuts,
      int restarts,
      boolean whole,
      int unclean_stops,
      double seconds) {
    boolean good() {
      return lost == 0 && duplicates == 0 && dead_lettered == 0 && whole && unclean_stops == 0;
    }
  }

  private final long seed;
  private final ChaosPlan plan;
  private final Fleet fleet;
  private final List<Puzzle> puzzles;
  private final Consumer<String> say;
  private final GatewaySettings settings;
  private final List<Mark> marks = new ArrayList<>();
  private final List<Double> answers = new ArrayList<>(); // seconds
  private final Map<String, Double> ended = new HashMap<>(); // node, since when
  private final Set<String> frozen = new HashSet<>();
  private final Set<String> starting = new TreeSet<>();
  private final ExecutorService sender = Executors.newSingleThreadExecutor();
  private final PriorityQueue<Undo> undo =
      new PriorityQueue<>((a, b) -> Double.compare(a.at, b.at));
  private CompletableFuture<Void> broker = CompletableFuture.completedFuture(null);
  private double quietSince; // since when every node has been ready
  private int restarts;
  private long began;

  private record Undo(double at, Event event) {}

  Chaos(long seed, ChaosPlan plan, Fleet fleet, List<Puzzle> puzzles, Consumer<String> say) {
    this.seed = seed;
    this.plan = plan;
    this.fleet = fleet;
    this.puzzles = puzzles;
    this.say = say;
    ConfigOptions options = new ConfigOptions();
    options.bootstrap = fleet.bootstrap();
    this.settings = GatewaySettings.from(options.load());
  }

  List<Mark> marks() {
    return marks;
  }

  List<Double> answers() {
    return answers;
  }

  Summary run() throws Exception {
    fleet.startBroker();
    for (String node : fleet.names()) {
      fleet.start(node);
    }
    for (String node : fleet.names()) {
      fleet.awaitReady(node);
    }
    Topics.ensure(settings);
    Delivery delivery = new Delivery(Delivery.newRun("chaos"));
    boolean whole;
    began = System.nanoTime();
    try (ResultReader reader = ResultReader.fromEnd(settings);
        JobProducer producer = new JobProducer(settings, "/hrm/chaos")) {
      List<PuzzleJob> jobs = puzzles.stream().map(p -> delivery.job(p).build()).toList();
      work(new ArrayDeque<>(jobs), delivery, reader, producer);
      whole = isWhole(delivery, reader, producer);
    }
    double seconds = now();
    sender.shutdown();
    broker.join();
    int unclean = 0;
    for (String node : fleet.names()) {
      unclean += fleet.stop(node, STOP) == 0 ? 0 : 1;
    }
    return count(delivery, whole, unclean, seconds);
  }

  private double now() {
    return (System.nanoTime() - began) / 1e9;
  }

  /** Sends, harms, mends and reads until everything is answered and nothing is broken any more. */
  private void work(
      Deque<PuzzleJob> unsent, Delivery delivery, ResultReader reader, JobProducer producer)
      throws Exception {
    Deque<Event> events = new ArrayDeque<>(plan.events());
    double interval = Math.max(0.001, plan.seconds() / Math.max(1, unsent.size()));
    double next = 0;
    double last = 0;
    while (!(unsent.isEmpty()
        && events.isEmpty()
        && undo.isEmpty()
        && delivery.complete()
        && now() - quietSince > SETTLED)) {
      while (!unsent.isEmpty() && now() >= next) {
        PuzzleJob job = unsent.poll();
        sender.execute(() -> producer.send(job)); // which waits while there is no broker
        next += interval;
      }
      while (!events.isEmpty() && now() >= events.peek().at()) {
        harm(events.poll());
      }
      while (!undo.isEmpty() && now() >= undo.peek().at()) {
        mend(undo.poll().event());
      }
      supervise();
      if (take(reader, delivery) > 0 || delivery.complete()) {
        last = now();
      }
      if (now() - last > SILENCE) {
        say.accept("no answer for %.0f s; %d are missing".formatted(SILENCE, missing(delivery)));
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
        answers.add(now());
        taken++;
      } else if (outcome instanceof Outcome.Failed failed && delivery.failed(failed.failure())) {
        mark("dead letters", failed.failure().getMessage());
        taken++;
      }
    }
    return taken;
  }

  private void mark(String part, String what) {
    marks.add(new Mark(now(), part, what));
    say.accept("%7.1f s  %-10s %s".formatted(now(), part, what));
  }

  // ---- harm and mending

  private void harm(Event event) throws Exception {
    switch (event.kind()) {
      case KILL -> {
        String node = victim(event.node());
        fleet.kill(node);
        frozen.remove(node);
        mark(node, "killed");
      }
      case FREEZE -> {
        String node = victim(event.node());
        fleet.freeze(node);
        frozen.add(node);
        mark(node, "frozen");
        int number = fleet.names().indexOf(node);
        undo.add(new Undo(now() + event.seconds(), new Event(0, event.kind(), number, 0, 0)));
      }
      case BROKER -> {
        broker.join();
        fleet.killBroker();
        mark("broker", "killed");
        broker = CompletableFuture.runAsync(this::restartBroker);
      }
      case CUT -> {
        fleet.cut(name(event.node()), name(event.other()));
        mark(name(event.node()), "cut off from " + name(event.other()));
        undo.add(new Undo(now() + event.seconds(), event));
      }
      default -> throw new AssertionError(event);
    }
  }

  private void restartBroker() {
    try {
      fleet.startBroker();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String name(int node) {
    return fleet.names().get(node);
  }

  /** The node meant, or the next one that serves: no kill is wasted on a dead one. */
  private String victim(int node) {
    for (int i = 0; i < fleet.names().size(); i++) {
      String name = name((node + i) % fleet.names().size());
      if (fleet.isAlive(name) && fleet.isReady(name) && !frozen.contains(name)) {
        return name;
      }
    }
    return name(node);
  }

  private void mend(Event event) throws Exception {
    String node = name(event.node());
    if (event.kind() == Kind.CUT) {
      fleet.heal(node, name(event.other()));
      mark(node, "reaches " + name(event.other()) + " again");
    } else if (frozen.remove(node)) {
      fleet.thaw(node);
      mark(node, "thawed");
    }
  }

  private void supervise() throws IOException {
    boolean quiet = frozen.isEmpty();
    for (String node : fleet.names()) {
      if (fleet.isAlive(node)) {
        boolean ready = fleet.isReady(node);
        quiet &= ready;
        if (ready && starting.remove(node)) {
          mark(node, "ready");
        }
        continue;
      }
      quiet = false;
      if (!ended.containsKey(node)) {
        ended.put(node, now());
        if (marks.stream().noneMatch(m -> m.part().equals(node) && m.at() > now() - 0.5)) {
          mark(node, "ended: " + fleet.lastWords(node));
        }
      } else if (now() - ended.get(node) > RESTART_DELAY) {
        ended.remove(node);
        fleet.start(node);
        restarts++;
        starting.add(node);
        mark(node, "started");
      }
    }
    quietSince = quiet ? quietSince : now();
  }

  // ---- what came of it

  /** Whether every planner answers some of a last batch of jobs: none is left out. */
  private boolean isWhole(Delivery delivery, ResultReader reader, JobProducer producer)
      throws Exception {
    Set<String> solvers = new HashSet<>();
    for (String node : fleet.names()) {
      if (fleet.roles(node).contains(Role.PLANNER)) {
        solvers.add(fleet.address(node));
      }
    }
    Set<String> answering = new HashSet<>();
    double until = now() + 60;
    while (!answering.containsAll(solvers) && now() < until) {
      Delivery batch = new Delivery(Delivery.newRun("whole"));
      for (int i = 0; i < 30 * solvers.size(); i++) {
        producer.send(batch.job(puzzles.get(i % puzzles.size())).build());
      }
      while (!batch.complete() && now() < until) {
        supervise();
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

  private Summary count(Delivery sent, boolean whole, int unclean, double seconds)
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
    return new Summary(
        seed,
        all.jobs(),
        all.results(),
        missing(all),
        all.duplicates(),
        all.deadLettered(),
        later,
        marks.stream().filter(m -> m.what().equals("killed") && !m.part().equals("broker")).count(),
        plan.count(Kind.FREEZE),
        plan.count(Kind.BROKER),
        plan.count(Kind.CUT),
        restarts,
        whole,
        unclean,
        Json.rounded(seconds, 1));
  }
}
