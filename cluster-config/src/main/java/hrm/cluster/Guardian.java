package hrm.cluster;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import hrm.actors.ActorsSettings;
import hrm.actors.Crew;
import hrm.actors.JobInvalid;
import hrm.actors.Jobs;
import hrm.actors.TraceTap;
import hrm.actors.Tracing;
import hrm.gateway.JobRejected;
import hrm.gateway.Solver;
import hrm.model.Backend;
import hrm.model.Model;
import hrm.proto.PuzzleJob;
import hrm.proto.PuzzleResult;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/**
 * The root of a node's actors, by its roles: a crew for each model, the dispatcher behind the front
 * door. It dies with any of them, and the node with it: Kafka has the jobs still.
 */
final class Guardian extends AbstractBehavior<Guardian.Open> {
  /**
   * Starts the actors, once the models are loaded.
   *
   * @param backend null on a node that only is a gateway
   * @param replyTo is told the front door; on other nodes than gateways it takes no jobs
   */
  record Open(Set<Role> roles, List<Model> models, Backend backend, ActorRef<Solver> replyTo) {}

  private final ActorsSettings settings;
  private final InstantSource clock;
  private final Tracing tracing;

  static Behavior<Open> create(ActorsSettings settings, TraceTap tap, InstantSource clock) {
    return Behaviors.setup(context -> new Guardian(context, settings, tap, clock));
  }

  private Guardian(
      ActorContext<Open> context, ActorsSettings settings, TraceTap tap, InstantSource clock) {
    super(context);
    this.settings = settings;
    this.clock = clock;
    this.tracing = new Tracing(tap, settings, context.getSystem().address().toString(), clock);
  }

  @Override
  public Receive<Open> createReceive() {
    return newReceiveBuilder().onMessage(Open.class, this::onOpen).build();
  }

  private Behavior<Open> onOpen(Open open) {
    Set<Crew.Part> parts = parts(open.roles());
    int number = 0;
    for (Model model : parts.isEmpty() ? List.<Model>of() : open.models()) {
      number++;
      getContext()
          .watch(
              getContext()
                  .spawn(
                      Crew.create(model, open.backend(), parts, settings, tracing, clock),
                      "crew-" + number));
    }
    open.replyTo()
        .tell(
            open.roles().contains(Role.GATEWAY)
                ? new FrontDoor(Jobs.start(getContext(), settings, clock, open.models()))
                : NO_DOOR);
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

    /** A job that no model can take is the sender's fault and no other run's business. */
    private static PuzzleResult rethrow(Throwable failure) {
      Throwable cause =
          failure instanceof CompletionException && failure.getCause() != null
              ? failure.getCause()
              : failure;
      throw cause instanceof JobInvalid invalid
          ? new JobRejected(invalid.cause(), invalid.field(), invalid.getMessage())
          : new CompletionException(cause);
    }

    @Override
    public int capacity() {
      return jobs.capacity();
    }
  }
}
