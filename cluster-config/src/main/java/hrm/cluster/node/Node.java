package hrm.cluster.node;

import akka.Done;
import akka.actor.CoordinatedShutdown;
import akka.actor.typed.ActorSystem;
import akka.cluster.MemberStatus;
import akka.cluster.typed.Cluster;
import com.typesafe.config.Config;
import hrm.actors.Meters;
import hrm.actors.Reports;
import hrm.cluster.cli.CommandException;
import hrm.cluster.cli.Home;
import hrm.cluster.cli.Version;
import hrm.cluster.http.HttpEndpoint;
import hrm.cluster.http.HttpRoute;
import hrm.cluster.settings.HttpSettings;
import hrm.cluster.settings.NodeSettings;
import hrm.cluster.settings.Role;
import hrm.cluster.settings.Settings;
import hrm.cluster.tls.TlsFiles;
import hrm.cluster.trace.serve.NodeTraces;
import hrm.cluster.trace.serve.PageFiles;
import hrm.gateway.GatewaySettings;
import hrm.gateway.JobSource;
import hrm.gateway.TraceSink;
import hrm.model.Backend;
import hrm.model.Model;
import hrm.proto.GatewayReport;
import hrm.proto.NodeReport;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A member of the cluster, in the roles it is given: as a gateway it takes jobs from Kafka until it
 * is stopped, and then drains, leaves the cluster and ends, in that order.
 */
public final class Node implements AutoCloseable {
  static final String STARTING = "starting";
  public static final String SERVING = "serving";
  public static final String DRAINING = "draining";

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
  private final ActorSystem<Guardian.Command> system;
  private final CompletionStage<Done> end;
  private final Arrival arrival;
  private final Departure departure;
  private final NodeState state = new NodeState();
  private volatile boolean leaving = false;

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
    end = SystemEnd.of(system);
    arrival = new Arrival(system, all, name.toString());
    reports = new Reports(system, name.toString());
    health =
        new Health(
            this::isMember,
            () -> state.name().equals(SERVING),
            this::isKafkaHeld,
            () -> !system.getWhenTerminated().toCompletableFuture().isDone());
    metrics =
        new Metrics(
            new NodeMetrics(
                this::report,
                () -> arrival.backend().flatMap(Backend::memory),
                () -> arrival.jobs() == null ? Map.of() : arrival.jobs().progress(),
                meters::distributions,
                () -> Members.byStatus(Cluster.get(system)),
                () -> TlsFiles.ends(all.tls()),
                health::isReady));
    traceService = traceService();
    http = all.http().off() ? null : open(all.http());
    departure =
        new Departure(
            system,
            all,
            Departure.limit(all),
            this::begins,
            arrival::crews,
            arrival::jobs,
            this::closeRest);
    system.tell(new Guardian.Announce(this::report, this::leave, departure::begin));
  }

  private boolean isMember() {
    return Cluster.get(system).selfMember().status().equals(MemberStatus.up());
  }

  private boolean isKafkaHeld() {
    JobSource jobs = arrival.jobs();
    return !settings.roles().contains(Role.GATEWAY) || jobs != null && jobs.stats().joined();
  }

  /** The first thing of the node's end. */
  private void begins() {
    state.end();
    arrival.cancel();
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
        arrival::models,
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
            .setVersion(Version.NUMBER)
            .setBackend(arrival.backend().map(Backend::describe).orElse(""))
            .setUptimeMillis(ManagementFactory.getRuntimeMXBean().getUptime())
            .setProcessId(ProcessHandle.current().pid())
            .setState(state.name())
            .setHttp(http == null ? "" : http.address());
    meters.fill(report);
    report.getTraceBuilder().setLost(traces.lost());
    if (traceService != null) {
      report
          .getTraceBuilder()
          .setExported(traceService.exported())
          .setGivenUp(traceService.givenUp());
    }
    JobSource jobs = arrival.jobs();
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
        .setUnreadablePartitions(stats.unreadable())
        .setLag(stats.lag())
        .setFailed(stats.failed())
        .setJoined(stats.joined())
        .build();
  }

  /** Drains and leaves, as an order from anywhere in the cluster; a node that starts does not. */
  private void leave() {
    if (state.leave()) {
      leaving = true;
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
    arrival.run(home, metrics);
    if (!state.serve()) {
      arrival.awaitCancel();
    }
    if (!all.bootstrap().kubernetes()) {
      SeedWatch.start(system, settings.seeds());
    }
    return "ready node=%s roles=%s address=%s http=%s kafka=%s models=%s backend=\"%s\""
        .formatted(
            name,
            String.join(",", settings.roles().stream().map(Role::toString).toList()),
            Reports.text(Cluster.get(system).selfMember().address()),
            http == null ? "off" : http.address(),
            gateway.bootstrap(),
            String.join(",", arrival.models().stream().map(Model::name).toList()),
            arrival.backend().map(Backend::describe).orElse("none"));
  }

  /** Waits until the node has ended of its own accord, or has had its time to. */
  void awaitEnd() throws Exception {
    CompletableFuture.anyOf(end.toCompletableFuture(), departure.late().toCompletableFuture())
        .get();
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
}
