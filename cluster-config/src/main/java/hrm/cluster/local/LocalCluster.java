package hrm.cluster.local;

import hrm.cluster.cli.CommandException;
import hrm.cluster.cli.ConfigOptions;
import hrm.cluster.cli.Folders;
import hrm.cluster.cli.Home;
import hrm.gateway.GatewaySettings;
import hrm.gateway.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A Kafka broker and a cluster of nodes on this machine, each in a process of its own. */
public final class LocalCluster implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(180);
  private static final Duration STOP = Duration.ofSeconds(60);
  private static final Pattern READY = Pattern.compile("(\\w+)=(?:\"([^\"]*)\"|(\\S*))");

  /** A node's process. */
  public record Member(String name, String roles, int port, Child child) {
    /** By which other nodes reach it. */
    String address() {
      return "127.0.0.1:" + port;
    }

    /** What the node's ready line says under this key. */
    public String ready(String key) throws InterruptedException {
      Matcher pairs = READY.matcher(child.awaitReady(START));
      while (pairs.find()) {
        if (pairs.group(1).equals(key)) {
          return pairs.group(2) == null ? pairs.group(3) : pairs.group(2);
        }
      }
      throw new IllegalStateException("the ready line does not say " + key);
    }
  }

  private final Programs programs;
  private final String models;
  private final String bootstrap;
  private final List<Member> members = new ArrayList<>();
  private final List<Integer> seeds = new ArrayList<>();
  private final int threads;
  private final Path folder;
  private final boolean temporary;
  private Child broker;

  /**
   * Begins to start everything.
   *
   * @param roles of each node
   * @param models as {@code hrm.model.path}
   * @param keep folder for the broker's data, or null for one that is deleted
   */
  public LocalCluster(Home home, List<String> roles, String models, int brokerPort, Path keep)
      throws IOException {
    this.programs = new Programs(home);
    this.models = models;
    this.bootstrap = "127.0.0.1:" + brokerPort;
    this.threads = Math.max(1, Runtime.getRuntime().availableProcessors() / roles.size());
    this.temporary = keep == null;
    this.folder = temporary ? Files.createTempDirectory("hrm-cluster-") : keep.toAbsolutePath();
    try {
      broker = Child.start("broker", programs.broker(folder, brokerPort));
      seeds.addAll(Ports.free(roles.size()));
      for (int i = 0; i < roles.size(); i++) {
        start("node-" + (i + 1), roles.get(i), seeds.get(i));
      }
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Starts one node more; it is a member when its ready line is there. */
  Member add(String name, String roles) throws IOException {
    return start(name, roles, Ports.free(1).get(0));
  }

  private Member start(String name, String roles, int port) throws IOException {
    List<String> settings =
        new ArrayList<>(
            List.of(
                "hrm.kafka.bootstrap=" + bootstrap,
                "hrm.model.path=" + models,
                "hrm.node.name=" + name,
                "hrm.node.roles=" + roles,
                "hrm.node.seeds="
                    + seeds.stream().map(p -> "127.0.0.1:" + p).collect(Collectors.joining(",")),
                "akka.remote.artery.canonical.hostname=127.0.0.1",
                "akka.remote.artery.canonical.port=" + port));
    if (System.getenv("HRM_THREADS") == null) { // or the nodes would take each other's cores
      settings.add("hrm.model.threads=" + threads);
    }
    Member member = new Member(name, roles, port, Child.start(name, programs.node(settings)));
    synchronized (members) {
      members.add(member);
    }
    return member;
  }

  /** Waits until the broker has its topics and every node serves. */
  public void awaitReady() throws InterruptedException {
    broker.awaitReady(START);
    Topics.ensure(settings());
    for (Member member : members()) {
      member.child().awaitReady(START);
    }
  }

  public GatewaySettings settings() {
    return settings(bootstrap);
  }

  /** Of a client of the broker there, as this process is configured. */
  public static GatewaySettings settings(String bootstrap) {
    ConfigOptions options = new ConfigOptions();
    options.bootstrap = bootstrap;
    return GatewaySettings.from(options.load());
  }

  public String bootstrap() {
    return bootstrap;
  }

  public List<Member> members() {
    synchronized (members) {
      return List.copyOf(members);
    }
  }

  /** Name by address, as results name nodes. */
  Map<String, String> names() {
    return members().stream()
        .collect(Collectors.toMap(m -> "akka://hrm@" + m.address(), Member::name));
  }

  /** HOST:PORT of every node, for joining. */
  String seedText() {
    return seeds.stream().map(p -> "127.0.0.1:" + p).collect(Collectors.joining(","));
  }

  /**
   * @throws CommandException when the broker has died, or no node is left
   */
  void check() {
    broker.check();
    if (members().stream().allMatch(member -> member.child().exitCode().isPresent())) {
      throw CommandException.failed("no node is left");
    }
  }

  /** Whether the end takes longer, since loaded classes are kept for later starts. */
  boolean isFirstRun() {
    return programs.isFirstRun();
  }

  /** Ends all nodes in good order. */
  void stopNodes() throws InterruptedException {
    List<Member> all = members();
    all.forEach(member -> member.child().terminate());
    for (Member member : all) {
      member.child().stop(STOP);
    }
  }

  /** Ends the broker, in good order only where it matters: temporary data may be lost. */
  void stopBroker() throws Exception {
    if (!temporary || programs.isFirstRun()) {
      broker.stop(STOP);
    }
    programs.keepArchives();
  }

  /** Ends what still runs, and deletes what nobody asked to keep. */
  @Override
  public void close() {
    members().forEach(member -> member.child().close());
    if (broker != null) {
      broker.close();
    }
    if (temporary) {
      try {
        Folders.delete(folder);
      } catch (IOException | UncheckedIOException e) {
        System.err.printf("%s could not be deleted: %s%n", folder, e.getMessage());
      }
    }
  }
}
