package hrm.actors;

import akka.actor.typed.ActorRef;
import hrm.actors.Protocol.Admit;
import hrm.actors.Protocol.Answered;
import hrm.actors.Protocol.DispatcherCommand;
import hrm.actors.Protocol.Failed;
import hrm.actors.Protocol.Finished;
import hrm.actors.Protocol.Outcome;
import hrm.actors.Protocol.PlannerCommand;
import hrm.actors.Protocol.Vacancies;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** A planner's dealings with dispatchers: jobs that have no slot yet, answers, vacancies. */
final class Intake {
  private record Waiting(Admit admit, Task task, Instant since) {}

  private final ActorRef<PlannerCommand> planner;
  private final JobCheck check;
  private final Tracing tracing;
  private final Results results;
  private final InstantSource clock;
  private final Credits<ActorRef<DispatcherCommand>> credits;
  private final Deque<Waiting> waiting = new ArrayDeque<>();

  /**
   * @param places jobs that the planner is willing to hold, in slots and waiting
   */
  Intake(
      ActorRef<PlannerCommand> planner,
      JobCheck check,
      Tracing tracing,
      Results results,
      InstantSource clock,
      int places) {
    this.planner = planner;
    this.check = check;
    this.tracing = tracing;
    this.results = results;
    this.clock = clock;
    this.credits = new Credits<>(places);
  }

  void enlist(ActorRef<DispatcherCommand> dispatcher) {
    credits.enlist(dispatcher);
    announceVacancies();
  }

  /** Nobody waits any more for the answers to this dispatcher's jobs. */
  void remove(ActorRef<DispatcherCommand> dispatcher) {
    credits.remove(dispatcher);
    waiting.removeIf(job -> job.admit.replyTo().equals(dispatcher));
    announceVacancies();
  }

  boolean wanted(Slot slot) {
    return credits.knows(slot.admit.replyTo());
  }

  void add(Admit admit) {
    credits.took(admit.replyTo());
    try {
      waiting.add(new Waiting(admit, check.check(admit.job()), clock.instant()));
    } catch (JobInvalid e) {
      fail(admit, e);
    }
    announceVacancies();
  }

  int waiting() {
    return waiting.size();
  }

  /** The longest waiting, ready to sit. Those past their deadline are answered instead. */
  List<Slot> next(int places) {
    List<Slot> slots = new ArrayList<>();
    Instant now = clock.instant();
    while (slots.size() < places && !waiting.isEmpty()) {
      Waiting job = waiting.poll();
      Duration waited = job.admit.waited().plus(Duration.between(job.since, now));
      int attempt = job.admit.attempt();
      if (job.task.expired(now)) {
        finish(job.admit, new Answered(results.expired(job.task, attempt, waited, now)));
      } else {
        JobTrace trace = tracing.open(job.admit.job(), attempt);
        slots.add(new Slot(job.admit, job.task, waited, now, trace));
      }
    }
    return slots;
  }

  void fail(Admit admit, JobFailed why) {
    finish(admit, new Failed(results.failure(admit.job().getId(), admit.attempt(), why)));
  }

  /** Answers a job. Its place is announced with the next {@link #announceVacancies}. */
  void finish(Admit admit, Outcome outcome) {
    credits.freed(admit.replyTo());
    admit.replyTo().tell(new Finished(admit.ticket(), outcome));
  }

  void announceVacancies() {
    credits.news().forEach((dispatcher, limit) -> dispatcher.tell(new Vacancies(planner, limit)));
  }
}
