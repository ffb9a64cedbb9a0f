package hrm.cluster.node;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.Terminated;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import hrm.actors.ActorsSettings;
import hrm.actors.Crew;
import hrm.actors.JobFailed;
import hrm.actors.JobInvalid;
import hrm.actors.Jobs;
import hrm.actors.JobsBusy;
import hrm.actors.Meters;
import hrm.actors.Reporter;
import hrm.actors.TraceTap;
import hrm.actors.Tracing;
import hrm.cluster.settings.Role;
import hrm.gateway.JobRejected;
import hrm.gateway.LostRun;
import hrm.gateway.Solver;
import hrm.gateway.SolverBusy;
import hrm.model.Backend;
import hrm.model.Model;
import hrm.proto.JobFailure.Cause;
import hrm.proto.NodeReport;
import hrm.proto.PuzzleJob;
import hrm.proto.PuzzleResult;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * The root of a node's actors, by its roles: a crew for each model, the dispatcher behind the front
 * door. The node ends with any of them: Kafka has the jobs still.
 */
public final class Guardian extends AbstractBehavior<Guardian.Command> {
  /** What the guardian is told. */
  public sealed interface Command {}

  /**
   * Starts the node's reporter: see {@link Reporter#start}.
   *
   * @param end of the node, to be begun when a crew or the dispatcher is gone; before this message
   *     the guardian dies with it
   */
  record Announce(Supplier<NodeReport> report, Runnable drain, Runnable end) implements Command {}

  /**
   * Starts the actors, once the models are loaded.
   *
   * @param backend null on a node that only is a gateway
   * @param replyTo is told the front door, which on other nodes than gateways takes no jobs
   */
  public record Open(Set<Role> roles, List<Model> models, Backend backend, ActorRef<Opened> replyTo)
      implements Command {}

  /** The front door, and a crew for each model. */
  public record Opened(Solver solver, List<ActorRef<Crew.Command>> crews) {}

  private final ActorsSettings settings;
  private final InstantSource clock;
  private final Tracing tracing;
  private final Meters meters;
  private Runnable end; // null: not known

  public static Behavior<Command> create(
      ActorsSettings settings, TraceTap tap, InstantSource clock, Meters meters) {
    return Behaviors.setup(context -> new Guardian(context, settings, tap, clock, meters));
  }

  private Guardian(
      ActorContext<Command> context,
      ActorsSettings settings,
      TraceTap tap,
      InstantSource clock,
      Meters meters) {
    super(context);
    this.settings = settings;
    this.clock = clock;
    this.meters = meters;
    this.tracing =
        new Tracing(tap, settings, context.getSystem().address().toString(), clock, meters);
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Announce.class, this::onAnnounce)
        .onMessage(Open.class, this::onOpen)
        .onSignal(Terminated.class, this::onTerminated)
        .build();
  }

  private Behavior<Command> onAnnounce(Announce announce) {
    Reporter.start(getContext(), announce.report(), announce.drain());
    end = announce.end();
    return this;
  }

  /**
   * Akka begins its shutdown only when the actors are gone and the transport closed; until then the
   * gateway would go on without a dispatcher. So the node's end begins here, and in good order.
   */
  private Behavior<Command> onTerminated(Terminated terminated) {
    if (end == null) {
      return Behaviors.unhandled(); // the guardian dies of it
    }
    getContext().getLog().error("{} is gone, and the node ends", terminated.getRef().path().name());
    end.run();
    return this;
  }

  private Behavior<Command> onOpen(Open open) {
    Set<Crew.Part> parts = parts(open.roles());
    List<ActorRef<Crew.Command>> crews = new ArrayList<>();
    for (Model model : parts.isEmpty() ? List.<Model>of() : open.models()) {
      ActorRef<Crew.Command> crew =
          getContext()
              .spawn(
                  Crew.create(model, open.backend(), parts, settings, tracing, clock, meters),
                  "crew-" + (crews.size() + 1));
      getContext().watch(crew);
      crews.add(crew);
    }
    Solver solver =
        open.roles().contains(Role.GATEWAY)
            ? new FrontDoor(
                Jobs.start(getContext(), settings, clock, tracing, open.models(), meters))
            : NO_DOOR;
    open.replyTo().tell(new Opened(solver, List.copyOf(crews)));
    return this;
  }

  private static Set<Crew.Part> parts(Set<Role> roles) {
    Set<Crew.Part> parts = EnumSet.noneOf(Crew.Part.class);
    if (roles.contains(Role.PLANNER)) {
      parts.add(Crew.Part.PLANNER);
    }
    if (roles.contains(Role.WORKER)) {
      parts.add(Crew.Part.WORKER);
    }
    return parts;
  }

  /** Of a node that is no gateway. */
  private static final Solver NO_DOOR =
      new Solver() {
        @Override
        public CompletionStage<PuzzleResult> solve(PuzzleJob job, int attempt) {
          return CompletableFuture.failedFuture(
              new IllegalStateException("this node is no gateway"));
        }

        @Override
        public int capacity() {
          return 0;
        }
      };

  /** The actors as the gateway sees them: the whole seam between Kafka and Akka. */
  private record FrontDoor(Jobs jobs) implements Solver {
    @Override
    public CompletionStage<PuzzleResult> solve(PuzzleJob job, int attempt) {
      return jobs.submit(job, attempt).exceptionally(FrontDoor::rethrow);
    }

    /**
     * A job that no model can take is the sender's fault; one that found no room was not begun; one
     * whose planners died may have been the death of them.
     */
    private static PuzzleResult rethrow(Throwable failure) {
      Throwable cause =
          failure instanceof CompletionException && failure.getCause() != null
              ? failure.getCause()
              : failure;
      if (cause instanceof JobInvalid invalid) {
        throw new JobRejected(invalid.cause(), invalid.field(), invalid.getMessage());
      }
      if (cause instanceof JobsBusy busy) {
        throw new SolverBusy(busy.getMessage());
      }
      if (cause instanceof JobFailed failed && failed.cause() == Cause.TOO_MANY_ATTEMPTS) {
        throw new LostRun(failed.getMessage());
      }
      throw new CompletionException(cause);
    }

    @Override
    public int capacity() {
      return jobs.capacity();
    }
  }
}
