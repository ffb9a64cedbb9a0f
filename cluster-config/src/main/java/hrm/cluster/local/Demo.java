package hrm.cluster.local;

import hrm.cluster.cli.CommandException;
import hrm.cluster.cli.ConfigOptions;
import hrm.cluster.cli.Folders;
import hrm.cluster.cli.Home;
import hrm.cluster.cli.OnTermination;
import hrm.cluster.jobs.Answers;
import hrm.cluster.jobs.Delivery;
import hrm.cluster.jobs.Progress;
import hrm.cluster.jobs.Puzzle;
import hrm.cluster.jobs.SubmitCommand;
import hrm.cluster.settings.Models;
import hrm.gateway.GatewaySettings;
import hrm.gateway.ResultReader;
import hrm.gateway.Topics;
import hrm.proto.PuzzleJob;
import hrm.proto.TraceChoice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The whole system on one machine: a broker and a node in processes of their own, and puzzles
 * through them by an ordinary producer and an ordinary read_committed consumer.
 */
public final class Demo implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(120);
  private static final Duration STOP = Duration.ofSeconds(20);

  /**
   * Puzzles to send.
   *
   * @param kinds of all of them
   * @param puzzles made while the parts start
   */
  record Supply(Set<String> kinds, Supplier<List<Puzzle>> puzzles) {}

  /** How it went. */
  record Summary(
      Delivery delivery, double seconds, String bootstrap, String model, String modelSha256) {}

  private final Home home;
  private final Supply supply;
  private final Progress progress;
  private final Programs programs;
  private final List<Child> children = new ArrayList<>();
  private final OnTermination cleaner = new OnTermination("demo-clean", this::clean);
  private final boolean serve;
  private String page = ""; // address of the node's HTTP endpoint
  private Path temporary; // null when the caller keeps the data

  /**
   * @param serve whether every job is traced, and the node stays to show it
   */
  Demo(Home home, Supply supply, Progress progress, boolean serve) {
    this.serve = serve;
    this.home = home;
    this.supply = supply;
    this.progress = progress;
    this.programs = new Programs(home);
  }

  /**
   * @param keep folder for the broker's data, or null for one that is deleted
   * @throws CommandException when a part does not start, or dies
   */
  Summary run(int port, Path keep) throws Exception {
    String models = Models.pathFor(supply.kinds(), home);
    String bootstrap = "127.0.0.1:" + port;
    List<String> brokerCommand = programs.broker(folder(keep), port);
    List<String> nodeCommand =
        programs.node(List.of("hrm.kafka.bootstrap=" + bootstrap, "hrm.model.path=" + models));
    progress.say(
        "starting a Kafka broker at %s and a node%s ..."
            .formatted(bootstrap, programs.isFirstRun() ? " (the first start is slower)" : ""));
    Child broker = start("broker", brokerCommand);
    Child node = start("node", nodeCommand);
    GatewaySettings settings = settings(bootstrap);
    List<Puzzle> puzzles = supply.puzzles().get();
    broker.awaitReady(START);
    Topics.ensure(settings);
    try (ResultReader reader = ResultReader.fromEnd(settings)) {
      page = node.awaitReady(START).replaceFirst(".* http=(\\S+).*", "$1");
      Delivery delivery = new Delivery(Delivery.newRun("demo"));
      List<PuzzleJob> jobs = puzzles.stream().map(p -> job(delivery, p)).toList();
      progress.say("ready; %d puzzles go to %s".formatted(jobs.size(), settings.topics().jobs()));
      progress.begin();
      SubmitCommand.send(settings, jobs);
      Answers answers = new Answers(delivery, reader, progress);
      double seconds = answers.follow(() -> children.forEach(Child::check));
      progress.last(delivery);
      if (!serve) {
        if (programs.isFirstRun()) {
          progress.say(Programs.KEEPING);
        }
        node.stop(STOP);
        answers.late();
        stop(broker);
      }
      return new Summary(delivery, seconds, bootstrap, answers.model(), answers.modelSha256());
    }
  }

  private PuzzleJob job(Delivery delivery, Puzzle puzzle) {
    PuzzleJob.Builder job = delivery.job(puzzle);
    if (serve) {
      job.getOptionsBuilder().setTrace(TraceChoice.TRACE_ON);
    }
    return job.build();
  }

  /** Until the process is told to end. */
  void stay() throws InterruptedException {
    if (page.equals("off")) {
      throw CommandException.wrongInput(
          "hrm.http.port (HRM_HTTP_PORT) is off: there is no page; leave out --serve, or set it to"
              + " auto");
    }
    progress.say("traces: http://%s/ (Ctrl-C ends the demo)".formatted(page));
    while (true) {
      children.forEach(Child::check);
      Thread.sleep(200);
    }
  }

  public static GatewaySettings settings(String bootstrap) {
    ConfigOptions options = new ConfigOptions();
    options.bootstrap = bootstrap;
    return GatewaySettings.from(options.load());
  }

  private Path folder(Path keep) throws IOException {
    if (keep != null) {
      return keep.toAbsolutePath();
    }
    temporary = Files.createTempDirectory("hrm-demo-");
    return temporary;
  }

  private Child start(String name, List<String> command) throws IOException {
    Child child = Child.start(name, command);
    synchronized (children) {
      children.add(child);
    }
    return child;
  }

  /** In good order only where it matters: temporary data may be lost. */
  private void stop(Child broker) throws Exception {
    if (temporary == null || programs.isFirstRun()) {
      broker.stop(STOP);
    }
    programs.keepArchives();
  }

  /** A port that is free, as is the one after it. */
  public static int freePort() throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    for (int attempt = 0; attempt < 100; attempt++) {
      try (ServerSocket first = new ServerSocket(0, 1, loopback);
          ServerSocket second = new ServerSocket(first.getLocalPort() + 1, 1, loopback)) {
        return second.getLocalPort() - 1;
      } catch (IOException | IllegalArgumentException e) {
        // The next one is taken, or there is none: try elsewhere.
      }
    }
    throw CommandException.failed("no two free ports were found on loopback; give --port");
  }

  /** Ends what still runs, and deletes what nobody asked to keep. */
  @Override
  public void close() {
    clean();
    cleaner.close();
  }

  private void clean() {
    synchronized (children) {
      children.forEach(Child::close);
      children.clear();
    }
    if (temporary != null) {
      try {
        Folders.delete(temporary);
      } catch (IOException | UncheckedIOException e) {
        progress.say("%s could not be deleted: %s".formatted(temporary, e.getMessage()));
      }
    }
  }
}
