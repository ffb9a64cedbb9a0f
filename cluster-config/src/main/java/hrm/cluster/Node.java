package hrm.cluster;

import akka.Done;
import akka.actor.BootstrapSetup;
import akka.actor.CoordinatedShutdown;
import akka.actor.setup.ActorSystemSetup;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.AskPattern;
import akka.cluster.MemberStatus;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Join;
import akka.remote.RemoteTransportException;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import hrm.actors.ActorsSettings;
import hrm.actors.Crew;
import hrm.actors.Meters;
import hrm.actors.Reports;
import hrm.gateway.Brokers;
import hrm.gateway.GatewaySettings;
import hrm.gateway.JobSource;
import hrm.gateway.Solver;
import hrm.gateway.Topics;
import hrm.gateway.TraceIndexSettings;
import hrm.gateway.TraceSink;
import hrm.model.Backend;
import hrm.model.Model;
import hrm.proto.GatewayReport;
import hrm.proto.NodeReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A member of the cluster, in the roles it is given: as a gateway it takes jobs from Kafka until it
 * is stopped, and then drains, leaves the cluster and ends, in that order.
 */
final class Node implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Node.class);
  private static final Duration CLUSTER_LEAVE = Duration.ofSeconds(10);
  private static final Duration JOIN_GROUP = Duration.ofSeconds(5);
  static final String STARTING = "starting";
  static final String SERVING = "serving";
  static final String DRAINING = "draining";
  private static final Executor THREADS = task -> new Thread(task, "hrm-node").start();

  private final NodeSettings settings;
  private final GatewaySettings gateway;
  private final ModelSettings modelSettings;
  private final ActorsSettings actors;
  private final NodeName name;
  private final Meters meters = new Meters();
  private final Reports reports;
  private final HttpEndpoint http; // null when it is off
  private final NodeTraces traceService; // null where none are served
  private final TraceSink traces;
  private final ActorSystem<Guardian.Command> system;
  private volatile JobSource jobs; // null before it is serving
  private volatile List<ActorRef<Crew.Command>> crews = List.of();
  private volatile String backendText = "";
  private volatile String state = STARTING;
  private volatile boolean leaving = false;
  private long drainBegan;
  private volatile List<Model> models = List.of();

  /**
   * Starts what needs no broker and no model.
   *
   * @throws IllegalArgumentException naming the setting that is wrong
   */
  Node(Config config) throws IOException {
    settings = NodeSettings.from(config);
    gateway = GatewaySettings.from(config);
    modelSettings = ModelSettings.from(config);
    actors = ActorsSettings.of(config);
    HttpSettings httpSettings = HttpSettings.from(config);
    TraceSettings traceSettings = TraceSettings.from(config);
    TraceIndexSettings indexSettings = TraceIndexSettings.from(config);
    name = NodeName.of(settings);
    traces = new TraceSink(gateway, name.toString());
    system = system(Guardian.create(actors, traces::offer, settings.clock(), meters), config);
    reports = new Reports(system, name.toString());
    boolean served = traceSettings.serve() && !httpSettings.off();
    traceService =
        settings.roles().contains(Role.GATEWAY) && (served || traceSettings.otlp().isPresent())
            ? new NodeTraces(
                system,
                gateway,
                indexSettings,
                traceSettings,
                actors.traceSample(),
                name.toString(),
                () -> models,
                modelSettings.cores())
            : null;
    http = httpSettings.off() ? null : open(httpSettings, traceSettings.serve());
    system.tell(new Guardian.Announce(this::report, this::leave));
    CoordinatedShutdown shutdown = CoordinatedShutdown.get(system);
    shutdown.addTask(CoordinatedShutdown.PhaseBeforeServiceUnbind(), "hold-back", this::holdBack);
    shutdown.addTask(CoordinatedShutdown.PhaseServiceRequestsDone(), "drain-jobs", this::drain);
    // Workers after planners, which may think with those of their own node only.
    shutdown.addTask(
        CoordinatedShutdown.PhaseServiceStop(), "retire-planners", this::retirePlanners);
    shutdown.addTask(
        CoordinatedShutdown.PhaseBeforeClusterShutdown(), "retire-workers", this::retireWorkers);
    shutdown.addTask(
        CoordinatedShutdown.PhaseBeforeActorSystemTerminate(), "flush-traces", this::flush);
  }

  private HttpEndpoint open(HttpSettings httpSettings, boolean traces) {
    List<HttpRoute> routes = new ArrayList<>();
    routes.add(
        new NodeRoutes(
            this::report, reports::cluster, reports::drain, patience().plus(CLUSTER_LEAVE)));
    if (traces && traceService != null) {
      routes.add(traceService.routes());
      routes.add(new PageFiles(Node.class.getClassLoader()));
    }
    try {
      return new HttpEndpoint(system, httpSettings, routes);
    } catch (RuntimeException e) {
      if (traceService != null) {
        traceService.close();
      }
      system.terminate();
      throw e;
    }
  }

  /** How this node stands. */
  private NodeReport report() {
    NodeReport.Builder report =
        NodeReport.newBuilder()
            .setName(name.toString())
            .setAddress(Reports.text(Cluster.get(system).selfMember().address()))
            .addAllRoles(settings.roles().stream().map(Role::toString).toList())
            .setVersion(Main.VERSION)
            .setBackend(backendText)
            .setUptimeMillis(ManagementFactory.getRuntimeMXBean().getUptime())
            .setProcessId(ProcessHandle.current().pid())
            .setState(state)
            .setHttp(http == null ? "" : http.address());
    meters.fill(report);
    report.getTraceBuilder().setLost(traces.lost());
    if (jobs != null) {
      report.setGateway(report(jobs.stats()));
    }
    return report.build();
  }

  private static GatewayReport report(JobSource.Stats stats) {
    return GatewayReport.newBuilder()
        .setReceived(stats.received())
        .setCompleted(stats.completed())
        .setDeadLettered(stats.deadLettered())
        .setRedelivered(stats.redelivered())
        .setTransactionsCommitted(stats.committed())
        .setTransactionsAborted(stats.aborted())
        .setInFlight(stats.inFlight())
        .setWaiting(stats.waiting())
        .setPartitions(stats.partitions())
        .setLag(stats.lag())
        .build();
  }

  /** Drains and leaves, as an order from anywhere in the cluster; a node that starts does not. */
  private void leave() {
    if (state.equals(SERVING)) {
      leaving = true;
      state = DRAINING;
      CoordinatedShutdown.get(system).runAll(new Ordered());
    }
  }

  /** Why this node ends: somebody told it to. */
  private record Ordered() implements CoordinatedShutdown.Reason {}

  /** Whether the node ends, or has ended, because it was told to. */
  boolean leaving() {
    return leaving;
  }

  private ActorSystem<Guardian.Command> system(
      akka.actor.typed.Behavior<Guardian.Command> guardian, Config config) {
    Config patient =
        ConfigFactory.parseMap(
            Map.of(
                "akka.coordinated-shutdown.phases.service-requests-done.timeout",
                patience(),
                "akka.coordinated-shutdown.phases.service-stop.timeout",
                patience(),
                "akka.coordinated-shutdown.phases.before-cluster-shutdown.timeout",
                settings.stopTimeout(),
                "akka.cluster.roles",
                settings.roles().stream().map(Role::toString).toList(),
                "akka.cluster.seed-nodes",
                settings.seedNodes()));
    try {
      return ActorSystem.create(
          guardian,
          "hrm",
          ActorSystemSetup.create(BootstrapSetup.create(patient.withFallback(config))));
    } catch (RemoteTransportException e) {
      throw CommandException.wrongInput(
          "akka.remote.artery.canonical (HRM_HOST, HRM_PORT): %s; choose an address of this machine and a free port, or port 0"
              .formatted(e.getMessage()));
    }
  }

  /**
   * Loads the models, joins the cluster, waits for Kafka, all at once; then takes jobs.
   *
   * @return one line for whoever waits for this node
   * @throws CommandException when it cannot serve; another exception naming the file at fault
   */
  String serve(Home home) throws Exception {
    List<Path> folders = Models.folders(modelSettings, home);
    Cluster cluster = Cluster.get(system);
    if (settings.seeds().isEmpty()) {
      cluster.manager().tell(Join.create(cluster.selfMember().address()));
    }
    boolean gatewayHere = settings.roles().contains(Role.GATEWAY);
    CompletableFuture<Backend> backend =
        settings.roles().equals(Set.of(Role.GATEWAY))
            ? CompletableFuture.completedFuture(null)
            : CompletableFuture.supplyAsync(() -> Models.backend(modelSettings), THREADS);
    CompletableFuture<Void> kafka =
        gatewayHere
            ? CompletableFuture.runAsync(this::awaitKafka, THREADS)
            : CompletableFuture.completedFuture(null);
    List<Model> loaded = Models.load(folders);
    models = modelSettings.simulated() ? Models.simulated(loaded) : loaded;
    checkFrames();
    Solver solver = solver(get(backend));
    backendText = backend.join() == null ? "" : backend.join().describe();
    awaitUp(cluster);
    get(kafka);
    if (gatewayHere) {
      jobs = new JobSource(gateway, solver, name.toString());
      jobs.start();
      awaitPartitions();
    }
    state = SERVING;
    return "ready node=%s roles=%s address=%s http=%s kafka=%s models=%s backend=\"%s\""
        .formatted(
            name,
            String.join(",", settings.roles().stream().map(Role::toString).toList()),
            Reports.text(cluster.selfMember().address()),
            http == null ? "off" : http.address(),
            gateway.bootstrap(),
            String.join(",", models.stream().map(Model::name).toList()),
            backendText.isEmpty() ? "none" : backendText);
  }

  /** A planner without workers of its own sends its states away. */
  private void checkFrames() {
    if (settings.roles().contains(Role.PLANNER) && !settings.roles().contains(Role.WORKER)) {
      long frame =
          system
              .settings()
              .config()
              .getBytes("akka.remote.artery.advanced.maximum-large-frame-size");
      models.forEach(model -> actors.checkFrames(model, frame));
    }
  }

  private void awaitKafka() {
    Brokers.await(gateway, Brokers.FOREVER);
    Topics.ensure(gateway).forEach(topic -> log.info("created topic {}", topic));
  }

  private Solver solver(Backend backend) throws Exception {
    CompletionStage<Guardian.Opened> opened =
        AskPattern.ask(
            system,
            replyTo -> new Guardian.Open(settings.roles(), models, backend, replyTo),
            settings.joinTimeout(),
            system.scheduler());
    Guardian.Opened parts = get(opened.toCompletableFuture());
    crews = parts.crews();
    return parts.solver();
  }

  private void awaitUp(Cluster cluster) throws InterruptedException {
    long begin = System.nanoTime();
    while (!cluster.selfMember().status().equals(MemberStatus.up())) {
      if (System.nanoTime() - begin > settings.joinTimeout().toNanos()) {
        throw CommandException.failed(
            "this node did not become a member of its cluster within %d s (it is %s); check that its seeds (%s) can be reached"
                .formatted(
                    settings.joinTimeout().toSeconds(),
                    cluster.selfMember().status(),
                    String.join(", ", settings.seeds())));
      }
      Thread.sleep(20);
    }
  }

  /** Not for ever: other nodes may have all partitions. */
  private void awaitPartitions() throws InterruptedException {
    long begin = System.nanoTime();
    while (jobs.stats().partitions() == 0 && System.nanoTime() - begin < JOIN_GROUP.toNanos()) {
      Thread.sleep(10);
    }
  }

  /** Waits until the node has ended of its own accord. */
  void awaitEnd() throws Exception {
    system.getWhenTerminated().toCompletableFuture().get();
  }

  /** The first thing to do: from now on the time for draining runs. */
  private CompletionStage<Done> holdBack() {
    state = DRAINING;
    drainBegan = System.nanoTime();
    crews.forEach(crew -> crew.tell(new Crew.HoldBack()));
    return CompletableFuture.completedFuture(Done.done());
  }

  private CompletionStage<Done> retirePlanners() {
    Duration left = gateway.drainTimeout().minusNanos(System.nanoTime() - drainBegan);
    return retire(Crew.Part.PLANNER, left.isNegative() ? Duration.ZERO : left);
  }

  private CompletionStage<Done> retireWorkers() {
    return retire(Crew.Part.WORKER, settings.stopTimeout());
  }

  private CompletionStage<Done> retire(Crew.Part part, Duration limit) {
    List<CompletableFuture<Done>> retired = new ArrayList<>();
    for (ActorRef<Crew.Command> crew : crews) {
      CompletionStage<Done> done =
          AskPattern.ask(
              crew,
              replyTo -> new Crew.Retire(part, limit, replyTo),
              limit.plus(settings.stopTimeout()),
              system.scheduler());
      retired.add(done.toCompletableFuture());
    }
    return CompletableFuture.allOf(retired.toArray(CompletableFuture[]::new))
        .thenApply(all -> Done.done());
  }

  private CompletionStage<Done> drain() {
    return CompletableFuture.supplyAsync(
        () -> {
          if (jobs != null) {
            jobs.close();
          }
          return Done.done();
        },
        THREADS);
  }

  private CompletionStage<Done> flush() {
    return CompletableFuture.supplyAsync(
        () -> {
          traces.close();
          if (traceService != null) {
            traceService.close(); // ends the streams, for which the server would wait
          }
          if (http != null) {
            http.close();
          }
          return Done.done();
        },
        THREADS);
  }

  private Duration patience() {
    return gateway.drainTimeout().plus(settings.stopTimeout());
  }

  /**
   * What to do when the JVM is told to end. A hook of the JVM's own would run beside Akka's, which
   * closes the connections to other nodes at once: these would find this one unreachable.
   */
  void onSignal(Runnable stop) {
    CoordinatedShutdown.get(system).addJvmShutdownHook(stop);
  }

  /** Takes no more jobs, finishes or hands back those in hand, leaves the cluster. */
  @Override
  public void close() throws IOException {
    leaving = true;
    Duration limit = patience().plus(CLUSTER_LEAVE);
    try {
      CoordinatedShutdown.get(system)
          .runAll(CoordinatedShutdown.jvmExitReason())
          .toCompletableFuture()
          .get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      log.warn(
          "not stopped in good order within {} s; Kafka has the jobs still", limit.toSeconds());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (java.util.concurrent.ExecutionException e) {
      log.warn("not stopped in good order: {}", Main.reason(e.getCause()));
    }
    name.close();
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    try {
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
