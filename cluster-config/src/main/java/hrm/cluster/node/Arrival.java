package hrm.cluster.node;

import akka.actor.CoordinatedShutdown;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.AskPattern;
import akka.cluster.MemberStatus;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Join;
import com.typesafe.config.Config;
import hrm.actors.Crew;
import hrm.cluster.cli.CommandException;
import hrm.cluster.cli.Home;
import hrm.cluster.settings.ModelSettings;
import hrm.cluster.settings.Models;
import hrm.cluster.settings.Role;
import hrm.cluster.settings.Settings;
import hrm.gateway.Brokers;
import hrm.gateway.ClientWatch;
import hrm.gateway.JobSource;
import hrm.gateway.Solver;
import hrm.gateway.Topics;
import hrm.model.Backend;
import hrm.model.DeviceMemoryException;
import hrm.model.Model;
import hrm.model.WarmUp;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a node begins: it loads its models, joins the cluster, waits for Kafka, all at once; then it
 * takes jobs. What it has so far may be asked for at any time.
 */
final class Arrival {
  private static final Logger log = LoggerFactory.getLogger(Node.class); // the node says it
  private static final Duration WARM_UP = Duration.ofSeconds(3); // of each model
  private static final Duration JOIN_GROUP = Duration.ofSeconds(5);
  private static final Executor THREADS = task -> new Thread(task, "hrm-node").start();

  private final ActorSystem<Guardian.Command> system;
  private final Settings settings;
  private final String name;
  private volatile List<Model> models = List.of();
  private volatile Backend backend; // null: see backend()
  private volatile List<ActorRef<Crew.Command>> crews = List.of();
  private volatile JobSource jobs;
  private final CompletableFuture<Void> ending = new CompletableFuture<>();
  private volatile Thread awaitingKafka; // null: not yet

  /**
   * @param name of the node
   */
  Arrival(ActorSystem<Guardian.Command> system, Settings settings, String name) {
    this.system = system;
    this.settings = settings;
    this.name = name;
  }

  /** As far as they are loaded. */
  List<Model> models() {
    return models;
  }

  /** Empty until it is opened, and without models of its own. */
  Optional<Backend> backend() {
    return Optional.ofNullable(backend);
  }

  List<ActorRef<Crew.Command>> crews() {
    return crews;
  }

  /** Null before it takes jobs, and where it is no gateway. */
  JobSource jobs() {
    return jobs;
  }

  /** The node ends: nothing is worth waiting for any more. */
  void cancel() {
    boolean downed =
        CoordinatedShutdown.get(system)
            .getShutdownReason()
            .filter(reason -> reason == CoordinatedShutdown.clusterDowningReason())
            .isPresent();
    ending.completeExceptionally(
        CommandException.failed(
            downed
                ? "this node was put out of its cluster before it served (other nodes were lost); start it again"
                : "this node was told to end before it served"));
    if (awaitingKafka != null) {
      awaitingKafka.interrupt();
    }
  }

  /** Waits for {@link #cancel}, and fails as it says. */
  void awaitCancel() throws Exception {
    get(ending);
  }

  /**
   * Goes through all of it, and returns when the node can serve.
   *
   * @param watch is shown the clients of Kafka
   * @throws CommandException when it cannot serve; another exception naming the file at fault
   */
  void run(Home home, ClientWatch watch) throws Exception {
    ModelSettings modelSettings = settings.model();
    Set<Role> roles = settings.node().roles();
    List<Path> folders = Models.folders(modelSettings, home);
    Cluster cluster = Cluster.get(system);
    join(cluster);
    boolean gatewayHere = roles.contains(Role.GATEWAY);
    CompletableFuture<Backend> device =
        roles.equals(Set.of(Role.GATEWAY))
            ? CompletableFuture.completedFuture(null)
            : CompletableFuture.supplyAsync(() -> Models.backend(modelSettings), THREADS);
    CompletableFuture<Void> kafka =
        gatewayHere
            ? CompletableFuture.runAsync(this::awaitKafka, THREADS)
            : CompletableFuture.completedFuture(null);
    List<Model> loaded = Models.load(folders);
    models = modelSettings.simulated() ? Models.simulated(loaded) : loaded;
    checkTransport(roles);
    backend = get(device);
    warmUp();
    Solver solver = solver(roles);
    awaitUp(cluster);
    get(kafka);
    if (gatewayHere) {
      serve(new JobSource(settings.gateway(), solver, name, watch, system::terminate));
      awaitPartitions();
    }
    checkEnding();
  }

  /** The node's end closes what it finds; what it may have come too early for is closed here. */
  private void serve(JobSource source) throws Exception {
    checkEnding();
    source.start();
    jobs = source;
    if (ending.isDone()) {
      source.close();
    }
    checkEnding();
  }

  private void checkEnding() throws Exception {
    if (ending.isDone()) {
      get(ending);
    }
  }

  private void join(Cluster cluster) throws Exception {
    if (settings.bootstrap().kubernetes()) {
      settings.bootstrap().start(system);
    } else if (settings.node().seeds().isEmpty()) {
      cluster.manager().tell(Join.create(cluster.selfMember().address()));
    }
  }

  /** Whether the transport takes what the actors send to other nodes. */
  private void checkTransport(Set<Role> roles) {
    Config transport = system.settings().config().getConfig("akka.remote.artery.advanced");
    boolean workersHere = roles.contains(Role.WORKER);
    if (roles.contains(Role.PLANNER) && !workersHere) { // it sends its states away
      long frame = transport.getBytes("maximum-large-frame-size");
      models.forEach(model -> settings.actors().checkFrames(model, frame));
    }
    if (roles.contains(Role.PLANNER) || roles.contains(Role.GATEWAY)) {
      int queue = transport.getInt("outbound-large-message-queue-size");
      boolean planners = roles.contains(Role.PLANNER);
      settings.actors().checkQueue(models.size(), workersHere || !planners, queue);
    }
  }

  /** Before the node is ready, so that no job waits for it. */
  private void warmUp() {
    if (backend == null || !backend.warmsUp()) {
      return;
    }
    for (Model model : models) {
      long begin = System.nanoTime();
      try {
        int tried = WarmUp.run(model, backend, settings.actors().slotsPerLane(), WARM_UP);
        long millis = (System.nanoTime() - begin) / 1_000_000;
        log.info("{} is warm for {} numbers of rows after {} ms", model.name(), tried, millis);
      } catch (DeviceMemoryException e) {
        log.warn("{} does not warm up for want of room: {}", model.name(), e.getMessage());
      }
    }
  }

  private void awaitKafka() {
    awaitingKafka = Thread.currentThread();
    if (ending.isDone()) {
      return;
    }
    Brokers.await(settings.gateway(), Brokers.FOREVER);
    Topics.ensure(settings.gateway()).forEach(topic -> log.info("created topic {}", topic));
  }

  private Solver solver(Set<Role> roles) throws Exception {
    CompletionStage<Guardian.Opened> opened =
        AskPattern.ask(
            system,
            replyTo -> new Guardian.Open(roles, models, backend, replyTo),
            settings.node().joinTimeout(),
            system.scheduler());
    Guardian.Opened parts = get(opened.toCompletableFuture());
    crews = parts.crews();
    return parts.solver();
  }

  private void awaitUp(Cluster cluster) throws Exception {
    Duration limit = settings.node().joinTimeout();
    long begin = System.nanoTime();
    while (!cluster.selfMember().status().equals(MemberStatus.up())) {
      checkEnding();
      if (System.nanoTime() - begin > limit.toNanos()) {
        throw CommandException.failed(
            "this node did not become a member of its cluster within %d s (it is %s); check that its seeds (%s) can be reached, and its certificate if there are warnings of SSL above"
                .formatted(
                    limit.toSeconds(),
                    cluster.selfMember().status(),
                    String.join(", ", settings.node().seeds())));
      }
      Thread.sleep(20);
    }
  }

  /** Not for ever: other nodes may have all partitions. */
  private void awaitPartitions() throws Exception {
    long begin = System.nanoTime();
    while (jobs.stats().partitions() == 0 && System.nanoTime() - begin < JOIN_GROUP.toNanos()) {
      checkEnding();
      Thread.sleep(10);
    }
  }

  /** What comes, unless the node ends before. */
  private <T> T get(CompletableFuture<T> future) throws Exception {
    try {
      CompletableFuture.anyOf(future, ending).join();
      return future.join();
    } catch (CompletionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof UncheckedIOException io) {
        throw io.getCause();
      }
      throw cause instanceof Exception known ? known : e;
    }
  }
}
