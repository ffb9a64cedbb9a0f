package hrm.cluster.chaos;

import hrm.cluster.cli.Home;
import hrm.cluster.local.Child;
import hrm.cluster.local.Ports;
import hrm.cluster.local.Programs;
import hrm.cluster.settings.Role;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A cluster on this machine for trying what may happen to one: a broker and nodes, each a process
 * of its own that can be killed, stopped in its tracks and cut off from others. Every node has a
 * loopback address of its own.
 */
public final class Fleet implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(120);

  /**
   * A node to be.
   *
   * @param settings {@code key=value} beside the fleet's own
   * @param environment variables beside this process's own
   */
  public record Spec(
      String name, Set<Role> roles, List<String> settings, Map<String, String> environment) {
    public Spec(String name, Set<Role> roles, List<String> settings) {
      this(name, roles, settings, Map.of());
    }
  }

  private final Programs programs;
  private final Path folder;
  private final Map<String, Spec> specs = new LinkedHashMap<>();
  private final List<String> common;
  private final List<String> machine;
  private final Links links = new Links();
  private final int brokerPort;
  private final int nodePort;
  private final Map<String, Child> nodes = new LinkedHashMap<>();
  private Child broker;

  /**
   * @param folder for the broker's data and every part's log
   * @param common settings of every node
   */
  public Fleet(Home home, Path folder, List<Spec> specs, List<String> common) throws IOException {
    this(home, folder, specs, common, List.of());
  }

  /**
   * @param machine options of every node's Java machine
   */
  public Fleet(Home home, Path folder, List<Spec> specs, List<String> common, List<String> machine)
      throws IOException {
    this.programs = new Programs(home, false); // parts end all the time
    this.folder = folder;
    this.common = List.copyOf(common);
    this.machine = List.copyOf(machine);
    this.brokerPort = Ports.pair();
    this.nodePort = Ports.pair();
    specs.forEach(spec -> this.specs.put(spec.name(), spec));
    for (Spec spec : specs) {
      links.relay(address(spec.name()), nodePort, nodePort + 1);
    }
  }

  public String bootstrap() {
    return "127.0.0.1:" + brokerPort;
  }

  List<String> names() {
    return List.copyOf(specs.keySet());
  }

  public Set<Role> roles(String node) {
    return specs.get(node).roles();
  }

  /** As other nodes and results name it, host and port. */
  public String address(String node) {
    return "127.0.1." + (1 + new ArrayList<>(specs.keySet()).indexOf(node));
  }

  /** Of every node, at its own address. */
  public int port() {
    return nodePort;
  }

  void startBroker() throws IOException, InterruptedException {
    broker =
        Child.start(
            "broker",
            programs.broker(folder.resolve("broker"), brokerPort),
            folder.resolve("broker.log"));
    broker.awaitReady(START);
  }

  /** Starts the broker, then all nodes at once, and waits until each serves. */
  public void startAll() throws IOException, InterruptedException {
    startBroker();
    for (String node : names()) {
      start(node);
    }
    for (String node : names()) {
      awaitReady(node);
    }
  }

  void killBroker() {
    broker.close();
  }

  /** Starts a node without waiting for it. */
  public void start(String node) throws IOException {
    Spec spec = specs.get(node);
    List<String> settings = new ArrayList<>(common);
    settings.addAll(spec.settings());
    settings.addAll(
        List.of(
            "hrm.kafka.bootstrap=" + bootstrap(),
            "hrm.node.name=" + node,
            "hrm.node.roles="
                + spec.roles().stream().map(Role::toString).collect(Collectors.joining(",")),
            "hrm.node.seeds="
                + specs.keySet().stream()
                    .map(name -> address(name) + ":" + nodePort)
                    .collect(Collectors.joining(",")),
            "akka.remote.artery.canonical.hostname=" + address(node),
            "akka.remote.artery.canonical.port=" + nodePort,
            "akka.remote.artery.bind.hostname=" + address(node),
            "akka.remote.artery.bind.port=" + (nodePort + 1),
            "akka.remote.artery.advanced.tcp.outbound-client-hostname=" + address(node)));
    List<String> command = programs.node(machine, settings);
    Path log = folder.resolve(node + ".log");
    nodes.put(node, Child.start(node, command, spec.environment(), log));
  }

  public void awaitReady(String node) throws InterruptedException {
    nodes.get(node).awaitReady(START);
  }

  public boolean isAlive(String node) {
    return nodes.get(node).isAlive();
  }

  /** Whether it serves, or has served since it was started. */
  public boolean isReady(String node) {
    return nodes.get(node).isReady();
  }

  /** What it said last. */
  public String lastWords(String node) {
    return nodes.get(node).lastLine();
  }

  /** Why it has ended, as its log tells, with nodes called by their names. */
  String whyEnded(String node) {
    Map<String, String> called = new LinkedHashMap<>();
    for (String name : names()) {
      called.put("akka://hrm@" + address(name) + ":" + nodePort, name);
    }
    return Ending.why(nodes.get(node).lastLines(), called);
  }

  /** SIGKILL. */
  public void kill(String node) {
    nodes.get(node).close();
  }

  /** SIGSTOP: it neither computes nor answers, and knows nothing of it. */
  void freeze(String node) throws IOException, InterruptedException {
    nodes.get(node).signal("STOP");
  }

  /** SIGCONT. */
  void thaw(String node) throws IOException, InterruptedException {
    nodes.get(node).signal("CONT");
  }

  /** SIGTERM; the exit code. */
  public int stop(String node, Duration limit) throws InterruptedException {
    return nodes.get(node).stop(limit);
  }

  void cut(String one, String other) {
    links.cut(address(one), address(other));
  }

  void heal(String one, String other) {
    links.heal(address(one), address(other));
  }

  @Override
  public void close() {
    nodes.values().forEach(Child::close);
    links.close();
    if (broker != null) {
      broker.close();
    }
  }
}
