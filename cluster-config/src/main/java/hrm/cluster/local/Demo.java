package hrm.cluster.local;

import hrm.cluster.cli.CommandException;
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
import hrm.proto.PuzzleJob;
import hrm.proto.TraceChoice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The whole system on one machine: a {@link LocalCluster} of one node, and puzzles through it by an
 * ordinary producer and an ordinary read_committed consumer.
 */
final class Demo implements AutoCloseable {
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

  private final Supply supply;
  private final Progress progress;
  private final boolean serve;
  private final LocalCluster cluster;
  private final OnTermination cleaner;
  private String page = ""; // address of the node's HTTP endpoint

  /**
   * Begins to start the broker and the node.
   *
   * @param port of the broker
   * @param keep folder for the broker's data, or null for one that is deleted
   * @param serve whether every job is traced, and the node stays to show it
   */
  Demo(Home home, Supply supply, Progress progress, int port, Path keep, boolean serve)
      throws IOException {
    this.supply = supply;
    this.progress = progress;
    this.serve = serve;
    String models = Models.pathFor(supply.kinds(), home);
    cluster = new LocalCluster(home, List.of("all"), models, port, keep);
    cleaner = new OnTermination("demo-clean", cluster::close);
    progress.say(
        "starting a Kafka broker at %s and a node%s ..."
            .formatted(
                cluster.bootstrap(), cluster.isFirstRun() ? " (the first start is slower)" : ""));
  }

  /**
   * @throws CommandException when a part does not start, or dies
   */
  Summary run() throws Exception {
    List<Puzzle> puzzles = supply.puzzles().get();
    cluster.awaitReady();
    page = cluster.members().get(0).ready("http");
    GatewaySettings settings = cluster.settings();
    try (ResultReader reader = ResultReader.fromEnd(settings)) {
      Delivery delivery = new Delivery(Delivery.newRun("demo"));
      List<PuzzleJob> jobs = puzzles.stream().map(p -> job(delivery, p)).toList();
      progress.say("ready; %d puzzles go to %s".formatted(jobs.size(), settings.topics().jobs()));
      progress.begin();
      SubmitCommand.send(settings, jobs);
      Answers answers = new Answers(delivery, reader, progress);
      double seconds = answers.follow(cluster::check);
      progress.last(delivery);
      if (!serve) {
        end(answers);
      }
      return new Summary(
          delivery, seconds, cluster.bootstrap(), answers.model(), answers.modelSha256());
    }
  }

  private PuzzleJob job(Delivery delivery, Puzzle puzzle) {
    PuzzleJob.Builder job = delivery.job(puzzle);
    if (serve) {
      job.getOptionsBuilder().setTrace(TraceChoice.TRACE_ON);
    }
    return job.build();
  }

  private void end(Answers answers) throws Exception {
    if (cluster.isFirstRun()) {
      progress.say(Programs.KEEPING);
    }
    cluster.stopNodes();
    answers.late();
    cluster.stopBroker();
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
      cluster.check();
      Thread.sleep(200);
    }
  }

  /** Ends what still runs, and deletes what nobody asked to keep. */
  @Override
  public void close() {
    cluster.close();
    cleaner.close();
  }
}
