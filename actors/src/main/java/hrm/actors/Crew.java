package hrm.actors;

import akka.Done;
import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import hrm.actors.Protocol.PlannerCommand;
import hrm.actors.Protocol.WorkerCommand;
import hrm.model.Backend;
import hrm.model.Model;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The planner and the workers of one model on this node, or one of the two. It replaces whichever
 * dies: by a new actor rather than a restarted one, so that those who watched the old one know it
 * is gone.
 */
public final class Crew extends AbstractBehavior<Crew.Command> {
  /** What the crew is told. */
  public sealed interface Command {}

  /** What a node does for a model. */
  public enum Part {
    PLANNER,
    WORKER
  }

  /** Planners take no more from other nodes; what they hold is thought on. */
  public record HoldBack() implements Command {}

  /**
   * One part finishes what it holds, and stops.
   *
   * @param limit after which it is stopped anyway; others take over what it held
   * @param replyTo is told when it has stopped
   */
  public record Retire(Part part, Duration limit, ActorRef<Done> replyTo) implements Command {}

  private record Overdue(Part part) implements Command {}

  private record Lost(Part part, ActorRef<?> ref) implements Command {}

  private record Replace(Part part) implements Command {}

  /** Deaths in a row of one that had done nothing, after which no other is started. */
  private static final int IN_VAIN = 10;

  /**
   * @param done cycles and H steps of all there were at the last death
   * @param deaths since anything was done
   */
  private record Toll(long done, int deaths) {}

  private final Model model;
  private final Backend backend;
  private final ActorsSettings settings;
  private final Tracing tracing;
  private final InstantSource clock;
  private final TimerScheduler<Command> timers;
  private final Meters meters;
  private final Set<ActorRef<PlannerCommand>> planners = new LinkedHashSet<>();
  private final Set<ActorRef<WorkerCommand>> workers = new LinkedHashSet<>();
  private final Map<Part, ActorRef<Done>> retiring = new EnumMap<>(Part.class);
  private final Map<Part, Toll> tolls = new EnumMap<>(Part.class);
  private boolean holdingBack = false;
  private int spawned = 0;

  public static Behavior<Command> create(
      Model model,
      Backend backend,
      Set<Part> parts,
      ActorsSettings settings,
      Tracing tracing,
      InstantSource clock,
      Meters meters) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> {
                  Crew crew =
                      new Crew(context, timers, model, backend, settings, tracing, clock, meters);
                  if (parts.contains(Part.PLANNER)) {
                    crew.spawn(Part.PLANNER);
                  }
                  for (int i = 0; parts.contains(Part.WORKER) && i < settings.workers(); i++) {
                    crew.spawn(Part.WORKER);
                  }
                  return crew;
                }));
  }

  private Crew(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      Model model,
      Backend backend,
      ActorsSettings settings,
      Tracing tracing,
      InstantSource clock,
      Meters meters) {
    super(context);
    this.timers = timers;
    this.model = model;
    this.backend = backend;
    this.settings = settings;
    this.tracing = tracing;
    this.clock = clock;
    this.meters = meters;
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(HoldBack.class, this::onHoldBack)
        .onMessage(Retire.class, this::onRetire)
        .onMessage(Overdue.class, this::onOverdue)
        .onMessage(Lost.class, this::onLost)
        .onMessage(Replace.class, this::onReplace)
        .build();
  }

  private void spawn(Part part) {
    DispatcherSelector numerics = DispatcherSelector.fromConfig(ActorsSettings.NUMERICS_DISPATCHER);
    spawned++;
    if (part == Part.PLANNER) {
      ActorRef<PlannerCommand> planner =
          getContext()
              .spawn(
                  Planner.create(
                      model, backend, settings, tracing, clock, SegmentProbe.NONE, meters),
                  "planner-" + spawned,
                  numerics);
      planners.add(planner);
      if (holdingBack) {
        planner.tell(new Protocol.HoldBack());
      }
      getContext().watchWith(planner, new Lost(part, planner));
    } else {
      ActorRef<WorkerCommand> worker =
          getContext()
              .spawn(
                  Worker.create(model, backend, settings, tracing, meters),
                  "worker-" + spawned,
                  numerics);
      workers.add(worker);
      getContext().watchWith(worker, new Lost(part, worker));
    }
  }

  private Set<? extends ActorRef<?>> members(Part part) {
    return part == Part.PLANNER ? planners : workers;
  }

  private Behavior<Command> onHoldBack(HoldBack holdBack) {
    holdingBack = true;
    planners.forEach(planner -> planner.tell(new Protocol.HoldBack()));
    return this;
  }

  private Behavior<Command> onRetire(Retire retire) {
    retiring.put(retire.part(), retire.replyTo());
    if (retire.part() == Part.PLANNER) {
      planners.forEach(planner -> planner.tell(new Protocol.Retire()));
    } else {
      workers.forEach(worker -> worker.tell(new Protocol.Retire()));
    }
    timers.startSingleTimer(retire.part(), new Overdue(retire.part()), retire.limit());
    retired(retire.part());
    return this;
  }

  private void retired(Part part) {
    if (members(part).isEmpty()) {
      timers.cancel(part);
      retiring.get(part).tell(Done.done());
    }
  }

  private Behavior<Command> onOverdue(Overdue overdue) {
    members(overdue.part())
        .forEach(
            member -> {
              getContext().getLog().warn("{} is not done in time; others take over", member);
              getContext().stop(member);
            });
    return this;
  }

  private Behavior<Command> onLost(Lost lost) {
    members(lost.part()).remove(lost.ref());
    if (retiring.containsKey(lost.part())) {
      retired(lost.part());
      return this;
    }
    getContext()
        .getLog()
        .error("{} died; another one starts in {}", lost.ref(), settings.restartDelay());
    timers.startSingleTimer(lost, new Replace(lost.part()), settings.restartDelay());
    return this;
  }

  private Behavior<Command> onReplace(Replace replace) {
    if (retiring.containsKey(replace.part())) {
      return this;
    }
    if (isHopeless(replace.part())) {
      getContext()
          .getLog()
          .error(
              "each {} of model {} died before it had done anything, {} times in a row; a new process may do better",
              replace.part().name().toLowerCase(Locale.ROOT),
              model.name(),
              tolls.get(replace.part()).deaths());
      return Behaviors.stopped(); // and the node with it, which whoever watches it starts anew
    }
    spawn(replace.part());
    return this;
  }

  /** Asked once after each death. */
  private boolean isHopeless(Part part) {
    long done =
        part == Part.PLANNER
            ? meters.planner(model.name()).steps.sum()
            : meters.worker(model.name()).cycles.sum();
    Toll last = tolls.getOrDefault(part, new Toll(done, 0));
    Toll now = new Toll(done, last.done() == done ? last.deaths() + 1 : 1);
    tolls.put(part, now);
    // All workers may die of one cause.
    return now.deaths() >= IN_VAIN * (part == Part.PLANNER ? 1 : settings.workers());
  }
}
