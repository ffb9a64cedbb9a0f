package hrm.cluster.node;

import akka.Done;
import akka.actor.CoordinatedShutdown;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.AskPattern;
import hrm.actors.Crew;
import hrm.cluster.cli.CommandException;
import hrm.cluster.settings.Settings;
import hrm.gateway.JobSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a node ends: it takes no more jobs, finishes or hands back those in hand, lets its planners
 * and then its workers go, leaves the cluster. Each step has its limit, and all of them together
 * have one, whatever begins the end.
 */
final class Departure {
  private static final Logger log = LoggerFactory.getLogger(Departure.class);
  private static final Duration CLUSTER_LEAVE = Duration.ofSeconds(10);
  private static final Executor THREADS = task -> new Thread(task, "hrm-departure").start();

  private final ActorSystem<?> system;
  private final Settings settings;
  private final Supplier<List<ActorRef<Crew.Command>>> crews;
  private final Supplier<JobSource> jobs;
  private final Duration limit;
  private final CompletableFuture<Done> late = new CompletableFuture<>();
  private long begun;

  /**
   * @param limit of all of it: see {@link #limit(Settings)}
   * @param begins run first
   * @param jobs null where there are none
   * @param ends run when the node has left its cluster
   */
  Departure(
      ActorSystem<?> system,
      Settings settings,
      Duration limit,
      Runnable begins,
      Supplier<List<ActorRef<Crew.Command>>> crews,
      Supplier<JobSource> jobs,
      Runnable ends) {
    this.system = system;
    this.settings = settings;
    this.limit = limit;
    this.crews = crews;
    this.jobs = jobs;
    CoordinatedShutdown shutdown = CoordinatedShutdown.get(system);
    shutdown.addTask(
        CoordinatedShutdown.PhaseBeforeServiceUnbind(), "hold-back", () -> holdBack(begins));
    shutdown.addTask(CoordinatedShutdown.PhaseServiceRequestsDone(), "drain-jobs", this::drain);
    // Workers after planners, which may think with those of their own node only.
    shutdown.addTask(
        CoordinatedShutdown.PhaseServiceStop(), "retire-planners", this::retirePlanners);
    shutdown.addTask(
        CoordinatedShutdown.PhaseBeforeClusterShutdown(), "retire-workers", this::retireWorkers);
    shutdown.addTask(
        CoordinatedShutdown.PhaseBeforeActorSystemTerminate(),
        "flush",
        () -> blocking(() -> end(ends)));
  }

  /** How long a node may take to finish or hand back what it holds. */
  static Duration patience(Settings settings) {
    return settings.gateway().drainTimeout().plus(settings.node().stopTimeout());
  }

  /** How long all of it may take. */
  static Duration limit(Settings settings) {
    return patience(settings).plus(CLUSTER_LEAVE);
  }

  /** Why a node ends of whose actors one is gone. */
  private record Bereaved() implements CoordinatedShutdown.Reason {}

  /** Goes through all of it, in the background. */
  void begin() {
    CoordinatedShutdown.get(system).runAll(new Bereaved());
  }

  /** Goes through all of it, and returns when that is done or its limit reached. */
  void run() {
    CompletionStage<Done> done =
        CoordinatedShutdown.get(system).runAll(CoordinatedShutdown.jvmExitReason());
    try {
      CompletableFuture.anyOf(done.toCompletableFuture(), late).get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      log.warn("not stopped in good order: {}", CommandException.reason(e.getCause()));
    }
  }

  /** Completes when the node should have ended and has not; never fails. */
  CompletionStage<Done> late() {
    return late;
  }

  private void giveUp() {
    if (!system.getWhenTerminated().toCompletableFuture().isDone()) {
      log.warn(
          "not stopped in good order within {} s; Kafka has the jobs still", limit.toSeconds());
    }
    late.complete(Done.done());
  }

  /** The first thing to do: from now on the time for draining runs, and that for all of it. */
  private CompletionStage<Done> holdBack(Runnable begins) {
    CompletableFuture.delayedExecutor(limit.toMillis(), TimeUnit.MILLISECONDS)
        .execute(this::giveUp);
    begins.run();
    begun = System.nanoTime();
    log.info("stopping: takes no more jobs, finishes or hands back those in hand");
    crews.get().forEach(crew -> crew.tell(new Crew.HoldBack()));
    return CompletableFuture.completedFuture(Done.done());
  }

  private void end(Runnable ends) {
    said("left the cluster");
    ends.run();
  }

  private CompletionStage<Done> drain() {
    return blocking(
        () -> {
          if (jobs.get() != null) {
            jobs.get().close();
            said("no job in hand");
          }
        });
  }

  private CompletionStage<Done> retirePlanners() {
    Duration left = settings.gateway().drainTimeout().minusNanos(System.nanoTime() - begun);
    return retire(Crew.Part.PLANNER, left.isNegative() ? Duration.ZERO : left);
  }

  private CompletionStage<Done> retireWorkers() {
    return retire(Crew.Part.WORKER, settings.node().stopTimeout());
  }

  private CompletionStage<Done> retire(Crew.Part part, Duration limit) {
    List<CompletableFuture<Done>> retired = new ArrayList<>();
    for (ActorRef<Crew.Command> crew : crews.get()) {
      CompletionStage<Done> done =
          AskPattern.ask(
              crew,
              replyTo -> new Crew.Retire(part, limit, replyTo),
              limit.plus(settings.node().stopTimeout()),
              system.scheduler());
      retired.add(done.toCompletableFuture());
    }
    return CompletableFuture.allOf(retired.toArray(CompletableFuture[]::new))
        .thenApply(
            all -> {
              said(part == Crew.Part.PLANNER ? "planners retired" : "workers retired");
              return Done.done();
            });
  }

  private void said(String what) {
    log.info("stopping: {} after {} ms", what, (System.nanoTime() - begun) / 1_000_000);
  }

  private static CompletionStage<Done> blocking(Runnable task) {
    return CompletableFuture.runAsync(task, THREADS).thenApply(done -> Done.done());
  }
}
