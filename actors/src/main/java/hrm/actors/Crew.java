package hrm.actors;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import hrm.model.Backend;
import hrm.model.Model;
import java.time.InstantSource;
import java.util.Set;

/**
 * The planner and the workers of one model on this node, or one of the two. It replaces whichever
 * dies: by a new actor rather than a restarted one, so that those who watched the old one know it
 * is gone.
 */
public final class Crew extends AbstractBehavior<Crew.Command> {
  /** What the crew tells only itself. */
  public sealed interface Command {}

  /** What a node does for a model. */
  public enum Part {
    PLANNER,
    WORKER
  }

  private record Lost(Part part, ActorRef<?> ref) implements Command {}

  private record Replace(Part part) implements Command {}

  private final Model model;
  private final Backend backend;
  private final ActorsSettings settings;
  private final Tracing tracing;
  private final InstantSource clock;
  private final TimerScheduler<Command> timers;
  private int spawned = 0;

  public static Behavior<Command> create(
      Model model,
      Backend backend,
      Set<Part> parts,
      ActorsSettings settings,
      Tracing tracing,
      InstantSource clock) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> {
                  Crew crew = new Crew(context, timers, model, backend, settings, tracing, clock);
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
      InstantSource clock) {
    super(context);
    this.timers = timers;
    this.model = model;
    this.backend = backend;
    this.settings = settings;
    this.tracing = tracing;
    this.clock = clock;
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Lost.class, this::onLost)
        .onMessage(Replace.class, this::onReplace)
        .build();
  }

  private void spawn(Part part) {
    DispatcherSelector numerics = DispatcherSelector.fromConfig(ActorsSettings.NUMERICS_DISPATCHER);
    spawned++;
    ActorRef<?> ref =
        switch (part) {
          case PLANNER ->
              getContext()
                  .spawn(
                      Planner.create(model, backend, settings, tracing, clock, SegmentProbe.NONE),
                      "planner-" + spawned,
                      numerics);
          case WORKER ->
              getContext()
                  .spawn(Worker.create(model, backend, settings), "worker-" + spawned, numerics);
        };
    getContext().watchWith(ref, new Lost(part, ref));
  }

  private Behavior<Command> onLost(Lost lost) {
    getContext()
        .getLog()
        .error("{} died; another one starts in {}", lost.ref(), settings.restartDelay());
    timers.startSingleTimer(lost, new Replace(lost.part()), settings.restartDelay());
    return this;
  }

  private Behavior<Command> onReplace(Replace replace) {
    spawn(replace.part());
    return this;
  }
}
