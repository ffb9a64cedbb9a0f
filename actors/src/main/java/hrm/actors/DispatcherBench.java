package hrm.actors;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.receptionist.Receptionist;
import com.typesafe.config.Config;
import hrm.actors.Protocol.Admit;
import hrm.actors.Protocol.Answered;
import hrm.actors.Protocol.Enlist;
import hrm.actors.Protocol.Finished;
import hrm.actors.Protocol.PlannerCommand;
import hrm.actors.Protocol.Pulse;
import hrm.actors.Protocol.Vacancies;
import hrm.model.Model;
import hrm.proto.PuzzleJob;
import hrm.proto.PuzzleResult;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The dispatcher's own limit: planners of this process that answer at once, behind the front door,
 * with all their places taken all the time.
 */
public final class DispatcherBench implements AutoCloseable {
  private final ActorSystem<Void> system;
  private final Jobs jobs;
  private final int places;

  /**
   * @param config of an actor system that is no cluster
   * @param planners how many
   * @param places of each
   */
  public DispatcherBench(Config config, Model model, int planners, int places) {
    this.places = planners * places;
    CompletableFuture<Jobs> door = new CompletableFuture<>();
    Behavior<Void> guardian =
        Behaviors.setup(
            context -> {
              for (int i = 0; i < planners; i++) {
                ActorRef<PlannerCommand> planner =
                    context.spawnAnonymous(planner(places, ActorsSettings.of(config).pulse()));
                context
                    .getSystem()
                    .receptionist()
                    .tell(Receptionist.register(Planner.key(model), planner));
              }
              ActorsSettings settings = ActorsSettings.of(config);
              InstantSource clock = InstantSource.system();
              Meters meters = new Meters();
              Tracing tracing = new Tracing(event -> true, settings, "bench", clock, meters);
              door.complete(Jobs.start(context, settings, clock, tracing, List.of(model), meters));
              return Behaviors.empty();
            });
    system = ActorSystem.create(guardian, "hrm-bench", config);
    jobs = door.join();
    while (jobs.capacity() < this.places) {
      Thread.onSpinWait();
    }
  }

  private static Behavior<PlannerCommand> planner(int places, Duration pulse) {
    return Behaviors.receive(
        (context, message) -> {
          if (message instanceof Enlist enlist) {
            enlist.dispatcher().tell(new Vacancies(context.getSelf(), places));
            Pulse alive = new Pulse(context.getSelf(), places, 0, List.of());
            context
                .getSystem()
                .scheduler()
                .scheduleWithFixedDelay(
                    pulse,
                    pulse,
                    () -> enlist.dispatcher().tell(alive),
                    context.getExecutionContext());
          } else if (message instanceof Admit admit) {
            PuzzleResult result = PuzzleResult.newBuilder().setJobId(admit.job().getId()).build();
            admit.replyTo().tell(new Finished(admit.ticket(), new Answered(result)));
          }
          return Behaviors.same();
        });
  }

  /**
   * Submits so many jobs, a new one for each answer.
   *
   * @return jobs a second
   * @throws IllegalStateException when a job failed
   */
  public double jobsPerSecond(PuzzleJob job, int count) throws InterruptedException {
    AtomicInteger left = new AtomicInteger(count);
    CompletableFuture<Void> failed = new CompletableFuture<>();
    CountDownLatch answered = new CountDownLatch(count);
    long begun = System.nanoTime();
    for (int i = 0; i < Math.min(places, count); i++) {
      submit(job, left, answered, failed);
    }
    answered.await();
    double seconds = (System.nanoTime() - begun) / 1e9;
    if (failed.isCompletedExceptionally()) {
      failed.join();
    }
    return count / seconds;
  }

  private void submit(
      PuzzleJob job, AtomicInteger left, CountDownLatch answered, CompletableFuture<Void> failed) {
    if (left.getAndDecrement() <= 0) {
      return;
    }
    jobs.submit(job, 1)
        .whenComplete(
            (result, failure) -> {
              if (failure != null) {
                failed.completeExceptionally(failure);
              }
              answered.countDown();
              submit(job, left, answered, failed);
            });
  }

  @Override
  public void close() {
    system.terminate();
    system.getWhenTerminated().toCompletableFuture().join();
  }
}
