package hrm.actors;

import akka.actor.typed.ActorRef;
import hrm.actors.Protocol.PlannerCommand;
import hrm.actors.Protocol.Think;
import hrm.actors.Protocol.Thought;
import hrm.actors.Protocol.WorkerCommand;
import hrm.model.HiddenState;
import hrm.model.HighLevel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A planner's workers: whom it asks, what they were lent, and how long an answer may take. Workers
 * of the planner's own node come first: where there are any, no state leaves the node.
 */
final class Workers {
  private static final Logger log = LoggerFactory.getLogger(Planner.class); // the planner says it

  private final ActorRef<PlannerCommand> planner;
  private final HighLevel high;
  private final ActorsSettings settings;
  private final LaneTrace trace;
  private final Patience patience;
  private final boolean fits;
  private boolean warned = false;
  private final Set<ActorRef<WorkerCommand>> asked = new LinkedHashSet<>();
  private final Set<ActorRef<WorkerCommand>> known = new HashSet<>();
  private Collection<ActorRef<WorkerCommand>> listed = List.of();
  private final Lent<HiddenState, ActorRef<WorkerCommand>> lent = new Lent<>(HiddenState::close);

  /**
   * @param fits whether a full lane fits a frame between nodes; if not, other nodes' workers are
   *     none
   */
  Workers(
      ActorRef<PlannerCommand> planner,
      HighLevel high,
      ActorsSettings settings,
      LaneTrace trace,
      boolean fits) {
    this.planner = planner;
    this.fits = fits;
    this.high = high;
    this.settings = settings;
    this.trace = trace;
    this.patience = new Patience(settings.thinkTimeout());
  }

  static boolean isHere(ActorRef<?> ref) {
    return ref.path().address().hasLocalScope();
  }

  /**
   * Those that can be reached now. Loans to others are over: an answer that still comes is as good
   * as any.
   *
   * @return those never seen before
   */
  List<ActorRef<WorkerCommand>> list(Collection<ActorRef<WorkerCommand>> reachable) {
    listed = reachable;
    boolean anyHere = reachable.stream().anyMatch(Workers::isHere);
    if (!anyHere && !reachable.isEmpty() && !fits && !warned) {
      warned = true;
      log.warn(
          "workers of other nodes are not asked: a lane of {} slots (hrm.actors.slots-per-lane) does not fit a frame between nodes (akka.remote.artery.advanced.maximum-large-frame-size)",
          settings.slotsPerLane());
    }
    List<ActorRef<WorkerCommand>> gone = new ArrayList<>(asked);
    asked.clear();
    reachable.stream()
        .filter(worker -> isHere(worker) || !anyHere && fits)
        // Each planner in an order of its own, so that not all ask the same worker first.
        .sorted(Comparator.comparingInt(w -> (planner.path() + " " + w.path()).hashCode()))
        .forEach(asked::add);
    gone.stream().filter(worker -> !asked.contains(worker)).forEach(lent::lost);
    return asked.stream().filter(known::add).toList();
  }

  /** Those reported dead that are listed still: see {@code Dispatcher.onListen}. */
  List<ActorRef<WorkerCommand>> listAgain() {
    return list(listed);
  }

  void lost(ActorRef<WorkerCommand> worker) {
    asked.remove(worker);
    known.remove(worker);
    lent.lost(worker);
  }

  int count() {
    return asked.size();
  }

  /**
   * Sends the lane's present cycle to a worker.
   *
   * @return how long to wait for the answer; empty when there is no worker
   */
  Optional<Duration> think(Lane lane) {
    Optional<ActorRef<WorkerCommand>> chosen = lent.choose(asked, lane.cycle);
    chosen.ifPresent(worker -> send(lane, worker));
    return chosen.map(
        worker -> {
          Duration first =
              isHere(worker) ? settings.thinkTimeout() : patience.now(lane.carry.zL().batch());
          return first.multipliedBy(1L << Math.min(lane.sends++, 10)); // doubled each time
        });
  }

  private void send(Lane lane, ActorRef<WorkerCommand> worker) {
    HiddenState zL = lane.carry.zL();
    HiddenState inputInjection = high.inputInjection(lane.carry.zH(), lane.inputs);
    lent.hold(inputInjection);
    List<HiddenState> states = isHere(worker) ? List.of(zL, inputInjection) : List.of();
    lent.lend(worker, lane.cycle, states, System.nanoTime());
    Trail trail = trace.think(lane);
    worker.tell(
        new Think(
            lane.index,
            lane.cycle,
            isHere(worker) ? zL : WireStates.pack(zL, settings.wireDtype()),
            isHere(worker) ? inputInjection : WireStates.pack(inputInjection, settings.wireDtype()),
            planner,
            trail));
    lane.asked = System.nanoTime();
    trace.sent(lane, worker, trail, zL, inputInjection);
    lent.release(inputInjection);
  }

  /** An answer has come, awaited or not: the worker reads nothing more of what it was lent. */
  void answered(ActorRef<WorkerCommand> worker, long cycle) {
    lent.answered(worker, cycle);
  }

  /** The same; a late one tells best how long this worker takes. */
  void answered(Thought thought) {
    OptionalLong asked = lent.answered(thought.worker(), thought.cycle());
    if (asked.isPresent() && !isHere(thought.worker())) {
      long nanos = System.nanoTime() - asked.getAsLong();
      patience.took(Duration.ofNanos(nanos), thought.zL().batch());
    }
  }

  /** The z_L of an answer that a lane has waited for, on this planner's device. */
  HiddenState accept(Thought thought) {
    return WireStates.unpack(thought.zL(), high::resident);
  }

  /** The state of an answer that nobody waits for any more. */
  void discard(HiddenState zL) {
    lent.discard(zL);
  }

  boolean awaited(long cycle) {
    return lent.awaited(cycle);
  }

  /**
   * Whether a worker of this node will answer. Nothing is lost within a node, and the death of a
   * worker is told: to ask again would only double its work, the more of it the slower it is.
   */
  boolean awaitedHere(long cycle) {
    return lent.awaited(cycle, Workers::isHere);
  }

  /** The planner begins, or ends, to use a state. */
  void hold(HiddenState state) {
    lent.hold(state);
  }

  void release(HiddenState state) {
    lent.release(state);
  }
}
