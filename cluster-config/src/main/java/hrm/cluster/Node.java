package hrm.cluster;

import akka.actor.CoordinatedShutdown;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.AskPattern;
import akka.cluster.MemberStatus;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Join;
import com.typesafe.config.Config;
import hrm.actors.Crew;
import hrm.actors.Meters;
import hrm.actors.Reports;
import hrm.gateway.Brokers;
import hrm.gateway.GatewaySettings;
import hrm.gateway.JobSource;
import hrm.gateway.Solver;
import hrm.gateway.Topics;
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
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A member of the cluster, in the roles it is given: as a gateway it takes jobs from Kafka until it
 * is stopped, and then drains, leaves the cluster and ends, in that order.
 */
final class Node implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Node.class);
  private static final Duration JOIN_GROUP = Duration.ofSeconds(5);
  static final String STARTING = "starting";
  static final String SERVING = "serving";
  static final String DRAINING = "draining";
  private static final Executor THREADS = task -> new Thread(task, "hrm-node").start();

  private final Settings all;
  private final NodeSettings settings;
  private final GatewaySettings gateway;
  private final NodeName name;
  private final Meters meters = new Meters();
  private final Metrics metrics;
  private final Health health;
  private final Reports reports;
  private final HttpEndpoint http; // null when it is off
  private final NodeTraces traceService; // null where none are served
  private final TraceSink traces;
  private final Departure departure;
  private final ActorSystem<Guardian.Command> system;
  private volatile JobSource jobs; // null before it is serving
  private volatile List<ActorRef<Crew.Command>> crews = List.of();
  private volatile Backend backend; // null until it is opened, and without models of its own
  private volatile String state = STARTING;
  private volatile boolean leaving = false;
  private volatile List<Model> models = List.of();

  /**
   * Starts what needs no broker and no model.
   *
   * @throws IllegalArgumentException naming the setting that is wrong
   */
  Node(Config config) throws IOException {
    all = Settings.from(config);
    settings = all.node();
    gateway = all.gateway();
    if (all.tls().enabled()) {
      TlsFiles.check(all.tls(), Instant.now());
    }
    name = NodeName.of(settings);
    traces = new TraceSink(gateway, name.toString());
    system =
        NodeSystem.start(
            Guardian.create(all.actors(), traces::offer, settings.clock(), meters), all, config);
    reports = new Reports(system, name.toString());
    health =
        new Health(
            this::isMember,
            () -> state.equals(SERVING),
            this::isKafkaHeld,
            () -> !system.getWhenTerminated().toCompletableFuture().isDone());
    metrics =
        new Metrics(
            new NodeMetrics(
                this::report,
                () -> Optional.ofNullable(backend).flatMap(Backend::memory),
                () -> jobs == null ? Map.of() : jobs.progress(),
                meters::distributions,
                () -> Members.byStatus(Cluster.get(system)),
                health::isReady));
    traceService = traceService();
    http = all.http().off() ? null : open(all.http());
    system.tell(new Guardian.Announce(this::report, this::leave));
    departure =
        new Departure(
            system, all, () -> state = DRAINING, () -> crews, () -> jobs, this::closeRest);
  }

  private boolean isMember() {
    return Cluster.get(system).selfMember().status().equals(MemberStatus.up());
  }

  private boolean isKafkaHeld() {
    return !settings.roles().contains(Role.GATEWAY) || jobs != null && jobs.stats().joined();
  }

  /** What is left when the node has left its cluster. */
  private void closeRest() {
    traces.close();
    if (traceService != null) {
      traceService.close(); // ends the streams, for which the server would wait
    }
    if (http != null) {
      http.close();
    }
    metrics.close();
  }

  private NodeTraces traceService() {
    boolean served = all.trace().serve() && !all.http().off();
    if (!settings.roles().contains(Role.GATEWAY) || !(served || all.trace().otlp().isPresent())) {
      return null;
    }
    return new NodeTraces(
        system,
        gateway,
        all.traceIndex(),
        all.trace(),
        all.actors().traceSample(),
        name.toString(),
        () -> models,
        all.model().cores());
  }

  private HttpEndpoint open(HttpSettings httpSettings) {
    List<HttpRoute> routes = new ArrayList<>();
    routes.add(new HealthRoutes(health, metrics::page));
    routes.add(
        new NodeRoutes(this::report, reports::cluster, reports::drain, Departure.limit(all)));
    if (all.trace().serve() && traceService != null) {
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
            .setBackend(described())
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
        .setFailed(stats.failed())
        .setJoined(stats.joined())
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

  /**
   * Loads the models, joins the cluster, waits for Kafka, all at once; then takes jobs.
   *
   * @return one line for whoever waits for this node
   * @throws CommandException when it cannot serve; another exception naming the file at fault
   */
  String serve(Home home) throws Exception {
    ModelSettings modelSettings = all.model();
    List<Path> folders = Models.folders(modelSettings, home);
    Cluster cluster = Cluster.get(system);
    if (all.bootstrap().kubernetes()) {
      all.bootstrap().start(system);
    } else if (settings.seeds().isEmpty()) {
      cluster.manager().tell(Join.create(cluster.selfMember().address()));
    }
    boolean gatewayHere = settings.roles().contains(Role.GATEWAY);
    CompletableFuture<Backend> device =
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
    backend = get(device);
    Solver solver = solver();
    awaitUp(cluster);
    get(kafka);
    if (gatewayHere) {
      jobs = new JobSource(gateway, solver, name.toString(), metrics);
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
            backend == null ? "none" : described());
  }

  /** A planner without workers of its own sends its states away. */
  private void checkFrames() {
    if (settings.roles().contains(Role.PLANNER) && !settings.roles().contains(Role.WORKER)) {
      long frame =
          system
              .settings()
              .config()
              .getBytes("akka.remote.artery.advanced.maximum-large-frame-size");
      models.forEach(model -> all.actors().checkFrames(model, frame));
    }
  }

  private void awaitKafka() {
    Brokers.await(gateway, Brokers.FOREVER);
    Topics.ensure(gateway).forEach(topic -> log.info("created topic {}", topic));
  }

  /** What it computes with, in a sentence. */
  private String described() {
    Backend present = backend;
    return present == null ? "" : present.describe();
  }

  private Solver solver() throws Exception {
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
            "this node did not become a member of its cluster within %d s (it is %s); check that its seeds (%s) can be reached, and its certificate if there are warnings of SSL above"
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
    departure.run();
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
