package hrm.actors;

import akka.actor.typed.ActorRef;
import hrm.model.Carry;
import hrm.model.HiddenState;
import hrm.proto.JobFailure;
import hrm.proto.NodeReport;
import hrm.proto.PuzzleJob;
import hrm.proto.PuzzleResult;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Every message about jobs between actors, in the order a job meets them. A node and its {@link
 * Crew} speak of other things, in its own file; what an actor tells only itself is an {@code
 * Internal} in its own.
 */
interface Protocol {
  /** Crosses nodes, so {@link WireMessages} knows it. The others stay within one JVM. */
  interface Wire {}

  /** Carries jobs that may be traced. */
  interface Traced extends Wire {
    Trail trail();
  }

  // ---- dispatcher: hands jobs to planners by credit

  sealed interface DispatcherCommand
      permits Submit, Vacancies, Pulse, Reached, Finished, Dispatcher.Internal {}

  /**
   * Have a checked job solved. Answered once, by an {@link Outcome}.
   *
   * @param sent {@link System#nanoTime}
   */
  record Submit(Task task, int attempt, ActorRef<Outcome> replyTo, long sent)
      implements DispatcherCommand {
    Submit(Task task, int attempt, ActorRef<Outcome> replyTo) {
      this(task, attempt, replyTo, System.nanoTime());
    }
  }

  /** How many jobs of this dispatcher the planner is willing to hold at once; replaces the last. */
  record Vacancies(ActorRef<PlannerCommand> planner, int limit)
      implements DispatcherCommand, Wire {}

  /**
   * Told at regular intervals, because any message between nodes may be lost: what the planner has
   * of this dispatcher, and that it lives. A job that it should have and has not is handed out
   * again.
   *
   * @param lastTicket highest that has arrived since {@link Enlist}; 0 for none
   * @param tickets of the jobs in hand
   */
  record Pulse(ActorRef<PlannerCommand> planner, int limit, long lastTicket, List<Long> tickets)
      implements DispatcherCommand, Wire {}

  /** How far the job with this ticket has come; the next planner goes on from the last of these. */
  record Reached(long ticket, Progress progress, Trail trail) implements DispatcherCommand, Traced {
    Reached(long ticket, Progress progress) {
      this(ticket, progress, Trail.NONE);
    }
  }

  /** A job's rows of the carry, packed (1, S, D), after so many segments. */
  record Progress(int segments, Carry carry) {}

  /** What became of the admission that bore this ticket. */
  record Finished(long ticket, Outcome outcome, Trail trail) implements DispatcherCommand, Traced {
    Finished(long ticket, Outcome outcome) {
      this(ticket, outcome, Trail.NONE);
    }
  }

  // ---- planner: the high-level module; owns lanes, slots and the carry

  sealed interface PlannerCommand
      permits Enlist, Admit, Thought, Faltered, HoldBack, Retire, Planner.Internal {}

  /**
   * The dispatcher has found this planner, and waits for no job that it may have had here before.
   * Answered by {@link Vacancies}, whenever they change.
   */
  record Enlist(ActorRef<DispatcherCommand> dispatcher) implements PlannerCommand, Wire {}

  /**
   * Put a job into a slot as soon as one is vacant. Answered once, by {@link Finished}.
   *
   * @param ticket the dispatcher's number for this admission; a job handed over gets a new one
   * @param waited from the job's arrival until this message was sent
   * @param resume where another planner had come; empty for a job that begins
   */
  record Admit(
      long ticket,
      PuzzleJob job,
      int attempt,
      Duration waited,
      Optional<Progress> resume,
      ActorRef<DispatcherCommand> replyTo,
      Trail trail)
      implements PlannerCommand, Traced {
    Admit(
        long ticket,
        PuzzleJob job,
        int attempt,
        Duration waited,
        Optional<Progress> resume,
        ActorRef<DispatcherCommand> replyTo) {
      this(ticket, job, attempt, waited, resume, replyTo, Trail.NONE);
    }
  }

  // ---- worker: the low-level module; remembers nothing between messages

  sealed interface WorkerCommand permits Think, Retire, Worker.Internal {}

  /**
   * Tick the low level through one cycle. Safe to send again, to any worker: same answer. Within a
   * node the states are lent for reading, and the planner takes them back when it has the answer;
   * to another node go packed copies.
   *
   * @param cycle the planner's running number of this cycle, which the answer bears
   * @param inputInjection z_H + inputs
   */
  record Think(
      int lane,
      long cycle,
      HiddenState zL,
      HiddenState inputInjection,
      ActorRef<PlannerCommand> replyTo,
      Trail trail)
      implements WorkerCommand, Traced {
    Think(
        int lane,
        long cycle,
        HiddenState zL,
        HiddenState inputInjection,
        ActorRef<PlannerCommand> replyTo) {
      this(lane, cycle, zL, inputInjection, replyTo, Trail.NONE);
    }
  }

  // ---- back to the planner

  /**
   * The cycle is through. z_L is given away: it belongs to the planner now.
   *
   * @param residuals [tick][row]: norm of z_L's change
   */
  record Thought(
      int lane,
      long cycle,
      HiddenState zL,
      float[][] residuals,
      ActorRef<WorkerCommand> worker,
      long nanos,
      Trail trail)
      implements PlannerCommand, Traced {
    Thought(
        int lane,
        long cycle,
        HiddenState zL,
        float[][] residuals,
        ActorRef<WorkerCommand> worker,
        long nanos) {
      this(lane, cycle, zL, residuals, worker, nanos, Trail.NONE);
    }
  }

  /** The worker's arithmetic failed on this cycle; the worker itself goes on. */
  record Faltered(int lane, long cycle, String reason, ActorRef<WorkerCommand> worker, Trail trail)
      implements PlannerCommand, Traced {
    Faltered(int lane, long cycle, String reason, ActorRef<WorkerCommand> worker) {
      this(lane, cycle, reason, worker, Trail.NONE);
    }
  }

  // ---- a node leaves

  /**
   * Announce no free places to dispatchers of other nodes any more; think on about what is here.
   */
  record HoldBack() implements PlannerCommand {}

  /** Stop as soon as nobody waits for anything from here. */
  record Retire() implements PlannerCommand, WorkerCommand {}

  // ---- reporter: the node's voice

  /** What a node's reporter is asked, by any node. */
  sealed interface ReporterCommand permits Describe, Drain {}

  /** Say how the node stands. Answered by {@link Described}. */
  record Describe(ActorRef<Described> replyTo) implements ReporterCommand, Wire {}

  /** Finish what the node holds and leave the cluster. Answered at once by {@link Described}. */
  record Drain(ActorRef<Described> replyTo) implements ReporterCommand, Wire {}

  /** How the node stands. */
  record Described(NodeReport report) implements Wire {}

  // ---- back to whoever submitted

  sealed interface Outcome permits Answered, Failed, Busy {
    /**
     * Whether another planner might have answered: the gateway has checked the job, so a planner
     * that finds something wrong with it is an odd one.
     */
    default boolean isOdd() {
      return this instanceof Failed;
    }
  }

  /** The job has its answer. */
  record Answered(PuzzleResult result) implements Outcome {}

  /** The job cannot have an answer. */
  record Failed(JobFailure failure) implements Outcome {}

  /** No room: {@code capacity} jobs of its model are in hand already. Submit again later. */
  record Busy(int capacity) implements Outcome {}
}
