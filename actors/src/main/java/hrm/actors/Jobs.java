package hrm.actors;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.AskPattern;
import akka.actor.typed.javadsl.Behaviors;
import hrm.actors.Protocol.Answered;
import hrm.actors.Protocol.Busy;
import hrm.actors.Protocol.DispatcherCommand;
import hrm.actors.Protocol.Failed;
import hrm.actors.Protocol.Outcome;
import hrm.actors.Protocol.Submit;
import hrm.model.Model;
import hrm.proto.PuzzleJob;
import hrm.proto.PuzzleResult;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/** The front door: jobs in, answers out. */
public final class Jobs {
  private final ActorSystem<?> system;
  private final ActorRef<DispatcherCommand> dispatcher;
  private final JobCheck check;
  private final ActorsSettings settings;
  private final AtomicInteger capacity;
  private final DispatcherLife life;

  private Jobs(
      ActorSystem<?> system,
      ActorRef<DispatcherCommand> dispatcher,
      JobCheck check,
      ActorsSettings settings,
      AtomicInteger capacity,
      DispatcherLife life) {
    this.system = system;
    this.dispatcher = dispatcher;
    this.check = check;
    this.settings = settings;
    this.capacity = capacity;
    this.life = life;
  }

  /**
   * Starts this node's dispatcher as a child of the guardian. The guardian dies with it, because
   * the jobs it had would never be answered; Kafka has them still.
   *
   * @param models what may be asked for; a job that names none takes the first that fits
   * @throws IllegalArgumentException if two models share a name
   */
  public static Jobs start(
      ActorContext<?> guardian,
      ActorsSettings settings,
      InstantSource clock,
      Tracing tracing,
      List<Model> models,
      Meters meters) {
    if (models.stream().map(Model::name).distinct().count() < models.size()) {
      throw new IllegalArgumentException(
          "two models share a name: "
              + models.stream().map(Model::name).toList()
              + "; give each folder a name of its own");
    }
    AtomicInteger capacity = new AtomicInteger();
    DispatcherLife life = new DispatcherLife();
    Behavior<DispatcherCommand> behavior =
        Dispatcher.create(
            List.copyOf(models), settings, clock, Steady.CLOCK, tracing, capacity::set, meters);
    ActorRef<DispatcherCommand> dispatcher =
        guardian.spawn(Behaviors.intercept(() -> life, behavior), "dispatcher");
    guardian.watch(dispatcher);
    return new Jobs(
        guardian.getSystem(), dispatcher, new JobCheck(models, settings), settings, capacity, life);
  }

  /**
   * Has a job solved. The stage fails with {@link JobInvalid} if no model can take it, with {@link
   * JobsBusy} if there is no room now, or nobody to take it any more, and with {@link JobFailed} if
   * the solver gave it up.
   *
   * @param attempt 1 for the first run of this job
   */
  public CompletionStage<PuzzleResult> submit(PuzzleJob job, int attempt) {
    Task task;
    try {
      task = check.check(job);
    } catch (JobInvalid e) {
      return CompletableFuture.failedFuture(e);
    }
    CompletionStage<Outcome> outcome =
        life.orItsEnd(
            () ->
                AskPattern.ask(
                    dispatcher,
                    replyTo -> new Submit(task, attempt, replyTo),
                    settings.answerTimeout(),
                    system.scheduler()));
    return outcome.thenCompose(answer -> result(job, answer));
  }

  private static CompletionStage<PuzzleResult> result(PuzzleJob job, Outcome outcome) {
    if (outcome instanceof Answered answered) {
      return CompletableFuture.completedFuture(answered.result());
    }
    if (outcome instanceof Failed failed) {
      return CompletableFuture.failedFuture(
          new JobFailed(failed.failure().getCause(), failed.failure().getMessage()));
    }
    return CompletableFuture.failedFuture(new JobsBusy(job.getId(), ((Busy) outcome).capacity()));
  }

  /**
   * How many jobs may be in hand now: what all planners together are willing to hold, and those
   * that wait for one; 0 while there is neither, and when the dispatcher has ended.
   */
  public int capacity() {
    return life.isOver() ? 0 : capacity.get();
  }
}
