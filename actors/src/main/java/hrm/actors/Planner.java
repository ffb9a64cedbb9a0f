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
import hrm.actors.Protocol.DispatcherCommand;
import hrm.actors.Protocol.Enlist;
import hrm.actors.Protocol.Faltered;
import hrm.actors.Protocol.HoldBack;
import hrm.actors.Protocol.PlannerCommand;
import hrm.actors.Protocol.Retire;
import hrm.actors.Protocol.Thought;
import hrm.actors.Protocol.WorkerCommand;
import hrm.model.Backend;
import hrm.model.DeviceMemoryException;
import hrm.model.Heads;
import hrm.model.HighLevel;
import hrm.model.Model;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * The high-level module of one model, with the lanes it thinks in. It holds the carry; a worker
 * ticks one lane while this actor takes another's H step.
 */
final class Planner extends AbstractBehavior<PlannerCommand> {
  /** What the planner tells only itself. */
  sealed interface Internal extends PlannerCommand {}

  /** Jobs wait, a lane is idle. Told once a burst, so that a burst shares its first segment. */
  private record Seat() implements Internal {}

  record ThinkOverdue(int lane, long cycle) implements Internal {}

  private record PulseDue() implements Internal {}

  private record WorkersListed(Receptionist.Listing listing) implements Internal {}

  record WorkerLost(ActorRef<WorkerCommand> worker) implements Internal {}

  private record DispatcherLost(ActorRef<DispatcherCommand> dispatcher) implements Internal {}

  private final Model model;
  private final HighLevel high;
  private final ActorsSettings settings;
  private final Meters.PlannerMeter meter;
  private final TimerScheduler<PlannerCommand> timers;
  private final LaneTrace laneTrace;
  private final Intake intake;
  private final CycleEnd cycleEnd;
  private final SegmentEnd segmentEnd;
  private final Lanes lanes;
  private final Workers workers;
  private final Asking asking;
  private boolean seating = false;
  private boolean retiring = false;
  private Instant pulsed = Steady.CLOCK.instant();

  /** Where dispatchers find the planners of a model. */
  static ServiceKey<PlannerCommand> key(Model model) {
    return ServiceKey.create(PlannerCommand.class, "hrm-planner-" + model.identity());
  }

  static Behavior<PlannerCommand> create(
      Model model,
      Backend backend,
      ActorsSettings settings,
      Tracing tracing,
      InstantSource clock,
      SegmentProbe probe,
      Meters meters) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers ->
                    new Planner(
                        context, timers, model, backend, settings, tracing, clock, probe, meters)));
  }

  private Planner(
      ActorContext<PlannerCommand> context,
      TimerScheduler<PlannerCommand> timers,
      Model model,
      Backend backend,
      ActorsSettings settings,
      Tracing tracing,
      InstantSource clock,
      SegmentProbe probe,
      Meters meters) {
    super(context);
    this.timers = timers;
    this.model = model;
    this.high = model.highLevel(backend);
    this.settings = settings;
    this.meter = meters.planner(model.name());
    PlannerMeasures measures = new PlannerMeasures(meters, model);
    meter.planners.incrementAndGet();
    Results results = new Results(context.getSystem().address().toString());
    PlannerTrace trace = new PlannerTrace(tracing, context.getSystem(), context.getSelf());
    this.laneTrace = new LaneTrace(tracing, high, context.getSystem(), context.getSelf());
    boolean fits = settings.fits(model, context.getSystem().settings().config());
    this.workers = new Workers(context.getSelf(), high, settings, laneTrace, fits);
    this.asking = new Asking(workers, timers, context.getLog(), model.name());
    this.intake =
        new Intake(
            context.getSelf(),
            JobCheck.again(model, settings),
            trace,
            results,
            clock,
            settings.checkpointEvery(),
            settings.places(settings.lanes()));
    this.lanes = new Lanes(high, settings, intake, workers, trace, meter);
    int perSegment = model.config().hCycles();
    this.cycleEnd = new CycleEnd(high, perSegment, workers, lanes, laneTrace, meter, measures);
    this.segmentEnd = new SegmentEnd(model, intake, results, clock, probe, meter, measures);
    lanes.measure();
    meetOthers();
  }

  private void meetOthers() {
    ActorRef<Receptionist.Command> receptionist = getContext().getSystem().receptionist();
    receptionist.tell(
        Receptionist.subscribe(
            Worker.key(model),
            getContext().messageAdapter(Receptionist.Listing.class, WorkersListed::new)));
    receptionist.tell(Receptionist.register(key(model), getContext().getSelf()));
    timers.startTimerWithFixedDelay(new PulseDue(), settings.pulse());
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
        .onMessage(PulseDue.class, this::onPulseDue)
        .onMessage(WorkersListed.class, this::onWorkersListed)
        .onMessage(WorkerLost.class, this::onWorkerLost)
        .onMessage(DispatcherLost.class, this::onDispatcherLost)
        .onMessage(HoldBack.class, this::onHoldBack)
        .onMessage(Retire.class, this::onRetire)
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
    lanes.measure();
    return orStopped();
  }

  private void seatSoon() {
    if (!seating && intake.waiting() > 0 && lanes.anyIdle()) {
      seating = true;
      getContext().getSelf().tell(new Seat());
    }
  }

  private Behavior<PlannerCommand> onSeat(Seat seat) {
    seating = false;
    lanes.stream().filter(Lane::idle).forEach(this::beginSegment);
    return orStopped();
  }

  private void beginSegment(Lane lane) {
    attempt(lane, () -> reseat(lane));
    settle();
  }

  private void reseat(Lane lane) {
    lanes.reseat(lane);
    if (lane.idle()) {
      lane.cycle = 0;
    } else {
      asking.think(lane);
    }
  }

  private void settle() {
    intake.announceVacancies();
    seatSoon();
    lanes.measure();
  }

  private Behavior<PlannerCommand> onPulseDue(PulseDue due) {
    intake.expire();
    segmentEnd.expire(lanes.stranded()).forEach(this::beginSegment);
    settle();
    pulse();
    List<ActorRef<WorkerCommand>> newcomers = workers.listAgain();
    if (!newcomers.isEmpty()) {
      meet(newcomers);
    }
    return orStopped();
  }

  private void pulse() {
    intake.pulse();
    pulsed = Steady.CLOCK.instant();
  }

  // ---- a lane thinks

  private Behavior<PlannerCommand> onThought(Thought thought) {
    workers.answered(thought);
    Lane lane = lanes.get(thought.lane());
    if (lane.cycle != thought.cycle()) {
      laneTrace.late(lane, "Thought", thought.trail());
      workers.discard(thought.zL());
      return this;
    }
    asking.answered(lane);
    attempt(lane, () -> take(lane, thought));
    if (pulsed.plus(settings.pulse()).isBefore(Steady.CLOCK.instant())) {
      pulse(); // its timer's message waits behind the thoughts of other lanes
    }
    return orStopped();
  }

  private void take(Lane lane, Thought thought) {
    Optional<Heads> heads = cycleEnd.of(lane, thought);
    if (heads.isPresent()) {
      segmentEnd.of(lane, heads.get());
      beginSegment(lane);
    } else {
      asking.think(lane);
    }
  }

  // ---- what goes wrong

  private Behavior<PlannerCommand> onFaltered(Faltered faltered) {
    workers.answered(faltered.worker(), faltered.cycle());
    Lane lane = lanes.get(faltered.lane());
    if (lane.cycle != faltered.cycle()) {
      laneTrace.late(lane, "Faltered", faltered.trail());
      return this;
    }
    laneTrace.faltered(lane, faltered);
    if (++lane.falters < SegmentEnd.MAX_FALTERS) {
      attempt(lane, () -> asking.ask(lane));
      return orStopped();
    }
    asking.answered(lane);
    segmentEnd.giveUp(lane, faltered);
    beginSegment(lane);
    return orStopped();
  }

  private Behavior<PlannerCommand> onThinkOverdue(ThinkOverdue overdue) {
    Lane lane = lanes.get(overdue.lane());
    if (lane.cycle == overdue.cycle()) {
      attempt(lane, () -> asking.overdue(lane));
    }
    return orStopped();
  }

  /** One lane for which there is no room on the device costs its own jobs, not the others'. */
  private void attempt(Lane lane, Runnable arithmetic) {
    try {
      arithmetic.run();
    } catch (DeviceMemoryException e) {
      getContext().getLog().error("lane {} gives up its jobs", lane.index, e);
      asking.answered(lane);
      segmentEnd.giveUp(lane, e);
      lanes.abandon(lane);
      settle();
    }
  }

  private Behavior<PlannerCommand> onWorkersListed(WorkersListed listed) {
    meet(workers.list(listed.listing().getServiceInstances(Worker.key(model))));
    return orStopped();
  }

  private void meet(List<ActorRef<WorkerCommand>> newcomers) {
    newcomers.forEach(worker -> getContext().watchWith(worker, new WorkerLost(worker)));
    addLanes();
    askForStranded();
  }

  /** One lane more than there are workers, so that each has one while this actor has another. */
  private void addLanes() {
    if (lanes.grow(settings.lanes(workers.count()))) {
      seatSoon();
      lanes.measure();
    }
  }

  private Behavior<PlannerCommand> onWorkerLost(WorkerLost lost) {
    workers.lost(lost.worker());
    askForStranded();
    return orStopped();
  }

  /** Lanes whose cycle is with no worker in reach ask another one, if there is any. */
  private void askForStranded() {
    intake.staffed(workers.count() > 0);
    lanes.stranded().forEach(lane -> attempt(lane, () -> asking.ask(lane)));
  }

  private Behavior<PlannerCommand> onDispatcherLost(DispatcherLost lost) {
    intake.remove(lost.dispatcher());
    return orStopped();
  }

  // ---- the node leaves

  private Behavior<PlannerCommand> onHoldBack(HoldBack holdBack) {
    intake.holdBack(false);
    return this;
  }

  private Behavior<PlannerCommand> onRetire(Retire retire) {
    retiring = true;
    intake.holdBack(true);
    return orStopped();
  }

  /** A planner that retires stops when it holds nothing; what is still sent here goes to others. */
  private Behavior<PlannerCommand> orStopped() {
    boolean done = retiring && intake.waiting() == 0 && lanes.allIdle();
    return done ? Behaviors.stopped() : this;
  }

  private Behavior<PlannerCommand> onPostStop(PostStop signal) {
    meter.stopped();
    lanes.clear(); // states outlive their half; what is lent may be read still
    high.close();
    return this;
  }
}
