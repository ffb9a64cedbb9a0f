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
import hrm.actors.Protocol.Faltered;
import hrm.actors.Protocol.Retire;
import hrm.actors.Protocol.Think;
import hrm.actors.Protocol.Thought;
import hrm.actors.Protocol.WorkerCommand;
import hrm.model.Backend;
import hrm.model.BrokenDeviceException;
import hrm.model.HiddenState;
import hrm.model.LowLevel;
import hrm.model.Model;
import java.time.Duration;
import java.util.function.Function;

/** The low-level module of one model. It remembers nothing between messages. */
final class Worker extends AbstractBehavior<WorkerCommand> {
  /** What the worker tells only itself. */
  sealed interface Internal extends WorkerCommand {}

  private record Deregistered() implements Internal {}

  private record Quiet() implements Internal {}

  /** Time without a question after which no planner is thought to ask any more. */
  private static final Duration QUIET = Duration.ofMillis(300);

  /** Time after which a receptionist that has not answered is taken not to: the node is down. */
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private final TimerScheduler<WorkerCommand> timers;
  private final Model model;
  private final Duration quiet;
  private final int ticksPerCycle;
  private final WorkerTrace trace;
  private final Meters.WorkerMeter meter;
  private final Distribution tickSeconds;
  private final LowLevel low;
  private final ActorsSettings settings;
  private boolean retiring = false;
  private boolean askedFromAfar = false;

  /** Where planners of the same model find their workers. */
  static ServiceKey<WorkerCommand> key(Model model) {
    return ServiceKey.create(WorkerCommand.class, "hrm-worker-" + model.identity());
  }

  static Behavior<WorkerCommand> create(
      Model model, Backend backend, ActorsSettings settings, Tracing tracing, Meters meters) {
    return create(model, backend, settings, tracing, meters, QUIET);
  }

  static Behavior<WorkerCommand> create(
      Model model,
      Backend backend,
      ActorsSettings settings,
      Tracing tracing,
      Meters meters,
      Duration quiet) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> {
                  Worker worker =
                      new Worker(context, timers, model, backend, settings, tracing, meters, quiet);
                  context
                      .getSystem()
                      .receptionist()
                      .tell(Receptionist.register(key(model), context.getSelf()));
                  return worker;
                }));
  }

  private Worker(
      ActorContext<WorkerCommand> context,
      TimerScheduler<WorkerCommand> timers,
      Model model,
      Backend backend,
      ActorsSettings settings,
      Tracing tracing,
      Meters meters,
      Duration quiet) {
    super(context);
    this.timers = timers;
    this.model = model;
    this.ticksPerCycle = model.config().lCycles();
    this.low = model.lowLevel(backend);
    this.settings = settings;
    this.quiet = quiet;
    this.trace = new WorkerTrace(tracing, context.getSystem(), context.getSelf());
    this.meter = meters.worker(model.name());
    this.tickSeconds = meters.distribution(Measure.L_TICK_SECONDS, model.name());
    meter.workers.incrementAndGet();
  }

  @Override
  public Receive<WorkerCommand> createReceive() {
    return newReceiveBuilder()
        .onMessage(Think.class, this::onThink)
        .onMessage(Retire.class, this::onRetire)
        .onMessage(Deregistered.class, this::onDeregistered)
        .onMessage(Quiet.class, this::onQuiet)
        .onSignal(PostStop.class, this::onPostStop)
        .build();
  }

  private Behavior<WorkerCommand> onThink(Think think) {
    long begun = System.nanoTime();
    askedFromAfar |= !Workers.isHere(think.replyTo());
    if (timers.isTimerActive(Quiet.class)) {
      awaitQuiet();
    }
    Trail answer;
    String type;
    long nanos;
    boolean broken = false;
    try {
      LowLevel.Ticks ticks = cycle(think);
      float[][] residuals = ticks.residuals(); // a GPU is waited for here, so that it is timed
      HiddenState zL = Workers.isHere(think.replyTo()) ? ticks.zL() : packed(ticks.zL());
      nanos = System.nanoTime() - begun;
      answer = trace.answer(think, begun);
      type = "Thought";
      think
          .replyTo()
          .tell(
              new Thought(
                  think.lane(),
                  think.cycle(),
                  zL,
                  residuals,
                  getContext().getSelf(),
                  nanos,
                  answer));
      meter.cycles.increment();
      meter.ticks.add(ticksPerCycle);
      tickSeconds.addNanos((System.nanoTime() - begun) / ticksPerCycle);
    } catch (RuntimeException e) {
      getContext().getLog().warn("lane {}, cycle {} failed", think.lane(), think.cycle(), e);
      nanos = System.nanoTime() - begun;
      answer = trace.answer(think, begun);
      type = "Faltered";
      ActorRef<WorkerCommand> self = getContext().getSelf();
      think.replyTo().tell(new Faltered(think.lane(), think.cycle(), e.toString(), self, answer));
      meter.failed.increment();
      broken = e instanceof BrokenDeviceException;
    }
    trace.answered(think, type, answer, begun, nanos);
    meter.busyNanos.add(System.nanoTime() - begun);
    return broken ? Behaviors.stopped() : this; // what replaces this worker starts the device anew
  }

  /** Nobody is to find this worker any more; those who have found it are answered still. */
  private Behavior<WorkerCommand> onRetire(Retire retire) {
    if (!retiring) {
      retiring = true;
      timers.startSingleTimer(Deregistered.class, new Deregistered(), PATIENCE);
      ActorRef<Receptionist.Deregistered> replyTo =
          getContext().messageAdapter(Receptionist.Deregistered.class, done -> new Deregistered());
      getContext()
          .getSystem()
          .receptionist()
          .tell(Receptionist.deregister(key(model), getContext().getSelf(), replyTo));
    }
    return this;
  }

  private Behavior<WorkerCommand> onDeregistered(Deregistered done) {
    timers.cancel(Deregistered.class);
    if (!askedFromAfar) {
      return Behaviors.stopped(); // planners of this node stop before its workers do
    }
    awaitQuiet();
    return this;
  }

  private void awaitQuiet() {
    timers.startSingleTimer(Quiet.class, new Quiet(), quiet);
  }

  private Behavior<WorkerCommand> onQuiet(Quiet quiet) {
    return Behaviors.stopped();
  }

  private LowLevel.Ticks cycle(Think think) {
    return here(think.zL(), zL -> here(think.inputInjection(), sum -> cycle(zL, sum)));
  }

  private LowLevel.Ticks cycle(HiddenState zL, HiddenState inputInjection) {
    LowLevel.Ticks ticks = low.cycle(zL, inputInjection);
    try {
      ticks.residuals(); // until they are there the ticks take time, and may fail
      return ticks;
    } catch (RuntimeException e) {
      ticks.zL().close();
      throw e;
    }
  }

  /** Something that takes a state on this worker's device; a copy that it needs goes afterwards. */
  private <T> T here(HiddenState sent, Function<HiddenState, T> work) {
    HiddenState here = WireStates.unpack(sent, low::resident);
    try {
      return work.apply(here);
    } finally {
      if (here != sent) {
        here.close();
      }
    }
  }

  private HiddenState packed(HiddenState zL) {
    try (zL) {
      return WireStates.pack(zL, settings.wireDtype());
    }
  }

  private Behavior<WorkerCommand> onPostStop(PostStop signal) {
    meter.workers.decrementAndGet();
    low.close();
    return this;
  }
}
