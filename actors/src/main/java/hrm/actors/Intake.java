package hrm.actors;

import akka.actor.typed.ActorRef;
import hrm.actors.Protocol.Admit;
import hrm.actors.Protocol.Answered;
import hrm.actors.Protocol.DispatcherCommand;
import hrm.actors.Protocol.Failed;
import hrm.actors.Protocol.Finished;
import hrm.actors.Protocol.Outcome;
import hrm.actors.Protocol.PlannerCommand;
import hrm.actors.Protocol.Progress;
import hrm.actors.Protocol.Pulse;
import hrm.actors.Protocol.Reached;
import hrm.actors.Protocol.Vacancies;
import hrm.model.Carry;
import hrm.model.io.DType;
import hrm.proto.HaltReason;
import hrm.proto.PuzzleResult;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** A planner's dealings with dispatchers: jobs that have no slot yet, answers, vacancies. */
final class Intake {
  /** What a dispatcher has here since it last enlisted. */
  private static final class Enlistment {
    final Set<Long> tickets = new LinkedHashSet<>();
    long last = 0;
  }

  private record Waiting(Admit admit, Task task, Instant since, JobTrace trace) {}

  private final ActorRef<PlannerCommand> planner;
  private final JobCheck check;
  private final PlannerTrace trace;
  private final Results results;
  private final InstantSource clock;
  private final int progressEvery;
  private final Credits<ActorRef<DispatcherCommand>> credits;

  /** The last of each dispatcher; jobs that came under an earlier one are not wanted. */
  private final Map<ActorRef<DispatcherCommand>, Enlistment> enlistments = new HashMap<>();

  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private Predicate<ActorRef<DispatcherCommand>> leaving = dispatcher -> false;
  private boolean staffed = false;

  /**
   * @param progressEvery segments after which a dispatcher is told a job's carry; 0: never
   * @param places jobs that the planner is willing to hold, in slots and waiting
   */
  Intake(
      ActorRef<PlannerCommand> planner,
      JobCheck check,
      PlannerTrace trace,
      Results results,
      InstantSource clock,
      int progressEvery,
      int places) {
    this.planner = planner;
    this.check = check;
    this.trace = trace;
    this.results = results;
    this.clock = clock;
    this.progressEvery = progressEvery;
    this.credits = new Credits<>(places);
    credits.holdBack(dispatcher -> !staffed || leaving.test(dispatcher));
  }

  void places(int places) {
    credits.places(places);
    announceVacancies();
  }

  /** Dispatchers of other nodes, or all of them, are to send nothing more. */
  void holdBack(boolean all) {
    leaving = dispatcher -> all || !Workers.isHere(dispatcher);
    announceVacancies();
  }

  /** Whether there is a worker: while there is none, jobs are better off elsewhere. */
  void staffed(boolean staffed) {
    this.staffed = staffed;
    announceVacancies();
  }

  /** Whatever this dispatcher had here before is not wanted any more. */
  void enlist(ActorRef<DispatcherCommand> dispatcher) {
    waiting.removeIf(job -> job.admit.replyTo().equals(dispatcher));
    enlistments.put(dispatcher, new Enlistment());
    credits.enlist(dispatcher);
    announceVacancies();
  }

  /** Nobody waits any more for the answers to this dispatcher's jobs. */
  void remove(ActorRef<DispatcherCommand> dispatcher) {
    credits.remove(dispatcher);
    enlistments.remove(dispatcher);
    waiting.removeIf(job -> job.admit.replyTo().equals(dispatcher));
    announceVacancies();
  }

  boolean wanted(Slot slot) {
    return slot.enlistment != null && slot.enlistment == enlistments.get(slot.admit.replyTo());
  }

  void add(Admit admit) {
    Enlistment enlistment = enlistments.get(admit.replyTo());
    boolean wanted = enlistment != null && enlistment.tickets.add(admit.ticket());
    JobTrace job = trace.arrived(admit, wanted);
    if (!wanted) {
      return; // nobody would wait for the answer
    }
    enlistment.last = Math.max(enlistment.last, admit.ticket());
    credits.took(admit.replyTo());
    try {
      waiting.add(new Waiting(admit, check.check(admit.job()), clock.instant(), job));
    } catch (JobInvalid e) {
      fail(admit, job, e);
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
      if (job.task.expired(now)) {
        expired(job.admit, job.task, job.trace, waited, 0);
      } else {
        Object enlistment = enlistments.get(job.admit.replyTo());
        slots.add(new Slot(job.admit, job.task, waited, now, job.trace, enlistment));
      }
    }
    return slots;
  }

  /** Answers those that wait and whose deadline has passed. */
  void expire() {
    Instant now = clock.instant();
    List<Waiting> late = waiting.stream().filter(job -> job.task.expired(now)).toList();
    waiting.removeAll(late);
    for (Waiting job : late) {
      Duration waited = job.admit.waited().plus(Duration.between(job.since, now));
      expired(job.admit, job.task, job.trace, waited, 0);
    }
  }

  /** Answers a job whose deadline passed while nobody thought about it. */
  void expired(Slot slot) {
    expired(slot.admit, slot.task, slot.trace, slot.waited, slot.steps);
  }

  private void expired(Admit admit, Task task, JobTrace job, Duration waited, int steps) {
    trace.ended(job, HaltReason.HALTED_DEADLINE, steps, false);
    finish(
        admit, job, new Answered(results.expired(task, admit.attempt(), waited, clock.instant())));
  }

  /** A slot goes on thinking: its dispatcher is told how far it is, if that is wanted now. */
  void reached(Slot slot, Carry carry, int row) {
    if (progressEvery > 0 && slot.steps % progressEvery == 0) {
      Carry saved =
          new Carry(carry.zH().packedRow(row, DType.F32), carry.zL().packedRow(row, DType.F32));
      Progress progress = new Progress(slot.steps, saved);
      Trail trail = trace.reached(slot, progress);
      slot.admit.replyTo().tell(new Reached(slot.admit.ticket(), progress, trail));
    }
  }

  void fail(Slot slot, JobFailed why) {
    fail(slot.admit, slot.trace, why);
  }

  private void fail(Admit admit, JobTrace job, JobFailed why) {
    trace.ended(job, HaltReason.HALTED_UNSET, 0, false);
    finish(admit, job, new Failed(results.failure(admit.job().getId(), admit.attempt(), why)));
  }

  /** Answers a job. Its place is announced with the next {@link #announceVacancies}. */
  void answer(Slot slot, PuzzleResult result) {
    trace.ended(slot.trace, result.getHaltReason(), slot.steps, result.getSolved());
    finish(slot.admit, slot.trace, new Answered(result));
  }

  private void finish(Admit admit, JobTrace job, Outcome outcome) {
    Enlistment enlistment = enlistments.get(admit.replyTo());
    if (enlistment != null && enlistment.tickets.remove(admit.ticket())) {
      credits.freed(admit.replyTo());
    }
    admit.replyTo().tell(new Finished(admit.ticket(), outcome, trace.finished(job, admit)));
  }

  /** Tells every dispatcher what it has here. */
  void pulse() {
    enlistments.forEach(
        (dispatcher, enlistment) ->
            dispatcher.tell(
                new Pulse(
                    planner,
                    credits.limit(dispatcher),
                    enlistment.last,
                    List.copyOf(enlistment.tickets))));
  }

  void announceVacancies() {
    credits.news().forEach((dispatcher, limit) -> dispatcher.tell(new Vacancies(planner, limit)));
  }
}
