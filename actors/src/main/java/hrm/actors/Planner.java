package hrm.actors;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import akka.actor.typed.receptionist.Receptionist;
import akka.actor.typed.receptionist.ServiceKey;
import hrm.actors.Protocol.Admit;
import hrm.actors.Protocol.Answered;
import hrm.actors.Protocol.DispatcherCommand;
import hrm.actors.Protocol.Enlist;
import hrm.actors.Protocol.Faltered;
import hrm.actors.Protocol.PlannerCommand;
import hrm.actors.Protocol.Think;
import hrm.actors.Protocol.Thought;
import hrm.actors.Protocol.WorkerCommand;
import hrm.model.Backend;
import hrm.model.Carry;
import hrm.model.Heads;
import hrm.model.HiddenState;
import hrm.model.HighLevel;
import hrm.model.Model;
import hrm.proto.HaltReason;
import hrm.proto.JobFailure;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The high-level module of one model, with the lanes it thinks in. It holds the carry; a worker
 * ticks one lane while this actor takes another's H step.
 */
final class Planner extends AbstractBehavior<PlannerCommand> {
  /** What the planner tells only itself. */
  sealed interface Internal extends PlannerCommand {}

  /**
   * Jobs wait and a lane is idle. Told once per burst, so that a burst shares its first segment.
   */
  private record Seat() implements Internal {}

  private record ThinkOverdue(int lane, long cycle) implements Internal {}

  private record WorkersListed(Receptionist.Listing listing) implements Internal {}

  private record WorkerLost(ActorRef<WorkerCommand> worker) implements Internal {}

  private record DispatcherLost(ActorRef<DispatcherCommand> dispatcher) implements Internal {}

  /** Failures on one cycle after which its jobs are given up. */
  private static final int MAX_FALTERS = 3;

  private final Model model;
  private final HighLevel high;
  private final ActorsSettings settings;
  private final InstantSource clock;
  private final SegmentProbe probe;
  private final TimerScheduler<PlannerCommand> timers;
  private final Results results;
  private final Intake intake;
  private final List<Lane> lanes;
  private final Set<ActorRef<WorkerCommand>> workers = new LinkedHashSet<>();
  private final Set<ActorRef<WorkerCommand>> watched = new HashSet<>();
  private final Lent<HiddenState, ActorRef<WorkerCommand>> lent = new Lent<>(HiddenState::close);
  private long lastCycle = 0;
  private boolean seating = false;

  /** Where dispatchers find the planners of a model. */
  static ServiceKey<PlannerCommand> key(Model model) {
    return ServiceKey.create(PlannerCommand.class, "hrm-planner-" + model.sha256());
  }

  static Behavior<PlannerCommand> create(
      Model model,
      Backend backend,
      ActorsSettings settings,
      Tracing tracing,
      InstantSource clock,
      SegmentProbe probe) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> {
                  Planner planner =
                      new Planner(context, timers, model, backend, settings, tracing, clock, probe);
                  planner.meetOthers();
                  return planner;
                }));
  }

  private Planner(
      ActorContext<PlannerCommand> context,
      TimerScheduler<PlannerCommand> timers,
      Model model,
      Backend backend,
      ActorsSettings settings,
      Tracing tracing,
      InstantSource clock,
      SegmentProbe probe) {
    super(context);
    this.timers = timers;
    this.model = model;
    this.high = model.highLevel(backend);
    this.settings = settings;
    this.clock = clock;
    this.probe = probe;
    this.results = new Results(context.getSystem().address().toString());
    this.lanes =
        IntStream.range(0, settings.lanes())
            .mapToObj(index -> new Lane(index, settings.slotsPerLane()))
            .toList();
    this.intake =
        new Intake(
            context.getSelf(),
            new JobCheck(List.of(model), settings),
            tracing,
            results,
            clock,
            settings.places());
  }

  private void meetOthers() {
    ActorRef<Receptionist.Command> receptionist = getContext().getSystem().receptionist();
    receptionist.tell(
        Receptionist.subscribe(
            Worker.key(model),
            getContext().messageAdapter(Receptionist.Listing.class, WorkersListed::new)));
    receptionist.tell(Receptionist.register(key(model), getContext().getSelf()));
  }

  @Override
  public Receive<PlannerCommand> createReceive() {
    return newReceiveBuilder()
        .onMessage(Enlist.class, this::onEnlist)
        .onMessage(Admit.class, this::onAdmit)
        .onMessage(Seat.class, this::onSeat)
        .onMessage(Thought.class, this::onThought)
        .onMessage(Faltered.class, this::onFaltered)
        .onMessage(ThinkOverdue.class, this::onThinkOverdue)
        .onMessage(WorkersListed.class, this::onWorkersListed)
        .onMessage(WorkerLost.class, this::onWorkerLost)
        .onMessage(DispatcherLost.class, this::onDispatcherLost)
        .onSignal(PostStop.class, this::onPostStop)
        .build();
  }

  // ---- jobs come

  private Behavior<PlannerCommand> onEnlist(Enlist enlist) {
    getContext().watchWith(enlist.dispatcher(), new DispatcherLost(enlist.dispatcher()));
    intake.enlist(enlist.dispatcher());
    return this;
  }

  private Behavior<PlannerCommand> onAdmit(Admit admit) {
    intake.add(admit);
    seatSoon();
    return this;
  }

  private void seatSoon() {
    if (!seating && intake.waiting() > 0 && lanes.stream().anyMatch(Lane::idle)) {
      seating = true;
      getContext().getSelf().tell(new Seat());
    }
  }

  private Behavior<PlannerCommand> onSeat(Seat seat) {
    seating = false;
    lanes.stream().filter(Lane::idle).forEach(this::beginSegment);
    return this;
  }

  /** The halted leave the lane, the waiting take their slots, and the lane thinks on. */
  private void beginSegment(Lane lane) {
    List<Slot> newcomers = newcomers(lane);
    int before = lane.table.rows().size();
    int[] from = lane.table.reseat(newcomers);
    boolean changed = !newcomers.isEmpty() || from.length < before;
    if (changed) {
      Carry carry = from.length == 0 ? null : high.seat(lane.carry, from);
      HiddenState inputs = from.length == 0 ? null : embed(lane.table.rows());
      replace(lane, carry, inputs);
    }
    for (int row = from.length - newcomers.size(); row < from.length; row++) {
      Slot slot = lane.table.rows().get(row);
      slot.trace.admitted(slot.task, lane.index, row);
    }
    lane.cycles = 0;
    if (lane.idle()) {
      lane.cycle = 0;
    } else {
      think(lane);
    }
    intake.announceVacancies();
    seatSoon();
  }

  private List<Slot> newcomers(Lane lane) {
    int elsewhere = lanes.stream().filter(l -> l != lane).mapToInt(l -> l.table.occupied()).sum();
    return intake.next(lane.table.share(elsewhere, intake.waiting(), lanes.size()));
  }

  private HiddenState embed(List<Slot> rows) {
    return high.embed(
        rows.stream().map(slot -> slot.task.tokens()).toArray(int[][]::new),
        rows.stream().mapToInt(slot -> slot.task.job().getPuzzleIdentifier()).toArray());
  }

  /** The lane's states from now on; null for none. */
  private void replace(Lane lane, Carry carry, HiddenState inputs) {
    if (carry != null) {
      lent.hold(carry.zH());
      lent.hold(carry.zL());
      lent.hold(inputs);
    }
    if (lane.carry != null) {
      lent.release(lane.carry.zH());
      lent.release(lane.carry.zL());
      lent.release(lane.inputs);
    }
    lane.carry = carry;
    lane.inputs = inputs;
  }

  // ---- a lane thinks

  private void think(Lane lane) {
    lane.expect(++lastCycle);
    ask(lane);
  }

  /** Sends the lane's present cycle to a worker, if there is any. */
  private void ask(Lane lane) {
    Optional<ActorRef<WorkerCommand>> chosen = lent.choose(workers, lane.cycle);
    if (chosen.isEmpty()) {
      timers.cancel(lane.index);
      getContext()
          .getLog()
          .warn(
              "lane {} waits: no worker for model {} is up; it thinks on when one registers",
              lane.index,
              model.name());
      return;
    }
    ActorRef<WorkerCommand> worker = chosen.get();
    HiddenState zL = lane.carry.zL();
    HiddenState zH = lane.carry.zH();
    lent.lend(worker, lane.cycle, List.of(zL, zH, lane.inputs));
    worker.tell(new Think(lane.index, lane.cycle, zL, zH, lane.inputs, getContext().getSelf()));
    Duration patience =
        settings.thinkTimeout().multipliedBy(1L << Math.min(lane.sends, 10)); // doubled each time
    lane.sends++;
    timers.startSingleTimer(lane.index, new ThinkOverdue(lane.index, lane.cycle), patience);
  }

  private Behavior<PlannerCommand> onThought(Thought thought) {
    lent.answered(thought.worker(), thought.cycle());
    Lane lane = lanes.get(thought.lane());
    if (lane.cycle != thought.cycle()) {
      lent.discard(thought.zL());
      return this;
    }
    timers.cancel(lane.index);
    long begun = System.nanoTime();
    HiddenState before = lane.carry.zH();
    HiddenState after = high.step(before, thought.zL());
    long nanos = System.nanoTime() - begun;
    if (lane.traced()) {
      trace(lane, thought, high.residuals(before, after), nanos);
    }
    replace(lane, new Carry(after, thought.zL()), lane.inputs);
    lane.cycles++;
    if (lane.cycles < model.config().hCycles()) {
      think(lane);
    } else {
      endSegment(lane);
    }
    return this;
  }

  private void trace(Lane lane, Thought thought, float[] zHResiduals, long nanos) {
    List<Slot> rows = lane.table.rows();
    for (int row = 0; row < rows.size(); row++) {
      Slot slot = rows.get(row);
      slot.trace.cycle(slot.steps + 1, lane.cycles + 1, thought, row, zHResiduals[row], nanos);
    }
  }

  private void endSegment(Lane lane) {
    Heads heads = high.heads(lane.carry.zH());
    List<Slot> rows = lane.table.rows();
    rows.forEach(slot -> slot.steps++);
    probe.segment(rows, lane.carry, heads);
    for (int row = 0; row < rows.size(); row++) {
      if (decide(rows.get(row), heads, row)) {
        lane.table.halt(row);
      }
    }
    beginSegment(lane);
  }

  /** Whether the slot halts; if so, its job is answered. */
  private boolean decide(Slot slot, Heads heads, int row) {
    if (!intake.wanted(slot)) {
      return true; // nobody waits for the answer
    }
    Task task = slot.task;
    Instant now = clock.instant();
    float qHalt = heads.qHalt()[row];
    float qContinue = heads.qContinue()[row];
    int[] answer = heads.tokens(row);
    boolean solved = task.solvedBy(answer);
    slot.trace.segment(task, slot.steps, qHalt, qContinue, answer, solved);
    HaltReason reason =
        Halting.after(
            task.policy(),
            slot.steps,
            task.maxSegments(),
            model.config().halts(qHalt, qContinue),
            solved,
            task.expired(now));
    if (reason == HaltReason.HALTED_UNSET) {
      return false;
    }
    slot.trace.halted(reason, slot.steps, solved);
    intake.finish(
        slot.admit, new Answered(results.halted(slot, heads, row, answer, solved, reason, now)));
    return true;
  }

  // ---- what goes wrong

  private Behavior<PlannerCommand> onFaltered(Faltered faltered) {
    lent.answered(faltered.worker(), faltered.cycle());
    Lane lane = lanes.get(faltered.lane());
    if (lane.cycle != faltered.cycle()) {
      return this;
    }
    if (++lane.falters < MAX_FALTERS) {
      ask(lane);
      return this;
    }
    timers.cancel(lane.index);
    List<Slot> rows = lane.table.rows();
    for (int row = 0; row < rows.size(); row++) {
      Admit admit = rows.get(row).admit;
      intake.fail(
          admit,
          new JobFailed(
              JobFailure.Cause.SOLVER_ERROR,
              "job \"%s\": the low level failed %d times on one cycle, last with %s; look into the log of %s"
                  .formatted(
                      admit.job().getId(),
                      MAX_FALTERS,
                      faltered.reason(),
                      faltered.worker().path())));
      lane.table.halt(row);
    }
    beginSegment(lane);
    return this;
  }

  private Behavior<PlannerCommand> onThinkOverdue(ThinkOverdue overdue) {
    Lane lane = lanes.get(overdue.lane());
    if (lane.cycle == overdue.cycle()) {
      getContext()
          .getLog()
          .warn("lane {}, cycle {} is overdue and sent again", lane.index, lane.cycle);
      ask(lane);
    }
    return this;
  }

  private Behavior<PlannerCommand> onWorkersListed(WorkersListed listed) {
    workers.clear();
    listed.listing().getServiceInstances(Worker.key(model)).stream()
        .filter(worker -> worker.path().address().hasLocalScope()) // states do not cross nodes
        .sorted()
        .forEach(workers::add);
    workers.stream()
        .filter(watched::add)
        .forEach(worker -> getContext().watchWith(worker, new WorkerLost(worker)));
    askForStranded();
    return this;
  }

  private Behavior<PlannerCommand> onWorkerLost(WorkerLost lost) {
    workers.remove(lost.worker());
    watched.remove(lost.worker());
    lent.lost(lost.worker());
    askForStranded();
    return this;
  }

  /** Lanes whose cycle is with no living worker ask another one. */
  private void askForStranded() {
    lanes.stream().filter(lane -> lane.cycle != 0 && !lent.awaited(lane.cycle)).forEach(this::ask);
  }

  private Behavior<PlannerCommand> onDispatcherLost(DispatcherLost lost) {
    intake.remove(lost.dispatcher());
    return this;
  }

  private Behavior<PlannerCommand> onPostStop(PostStop signal) {
    high.close();
    return this;
  }
}
