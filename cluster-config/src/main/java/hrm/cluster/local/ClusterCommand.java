package hrm.cluster.local;

import hrm.cluster.cli.CommandException;
import hrm.cluster.cli.Home;
import hrm.cluster.cli.OnTermination;
import hrm.cluster.jobs.Answers;
import hrm.cluster.jobs.Delivery;
import hrm.cluster.jobs.Progress;
import hrm.cluster.jobs.Puzzles;
import hrm.cluster.jobs.SubmitCommand;
import hrm.cluster.settings.Models;
import hrm.gateway.ResultReader;
import hrm.model.puzzle.PuzzleKind;
import hrm.proto.PuzzleJob;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "cluster",
    description = {
      "Start a Kafka broker and a cluster of nodes on this machine, each in a process of its own.",
      "Serves until Ctrl-C; with --puzzles it sends some, checks every answer, and ends."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "With --puzzles the exit code is 0 only if every job came back exactly once.",
      "",
      "Example: hrm cluster --nodes 3",
      "Example: hrm cluster --nodes 3 --split --puzzles 200 --set sudoku-4x4"
    })
public final class ClusterCommand implements Callable<Integer> {
  private static final int MOST = 32;
  private static final long INTERVAL_MILLIS = 200;

  @Option(names = "--nodes", paramLabel = "N", description = "How many nodes (default: 3).")
  int nodes = 3;

  @Option(
      names = "--split",
      description =
          "One node is gateway and planner, the others are workers; otherwise each is everything.")
  boolean split;

  @Option(
      names = "--puzzles",
      paramLabel = "K",
      description = "Send so many generated puzzles, and end when they are back.")
  Integer puzzles;

  @Option(
      names = "--set",
      paramLabel = "NAME",
      description =
          "Kind of puzzles: which model the nodes load (default: all; with --puzzles sudoku-6x6).")
  String set;

  @Option(
      names = "--json",
      description = "Print one JSON object: the nodes; with --puzzles the summary, too.")
  boolean json;

  @Option(
      names = "--port",
      paramLabel = "P",
      description = "Port of the broker, which takes the next one, too (default: any free one).")
  Integer port;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description =
          "Keep the broker's data there (default: a temporary folder, deleted at the end).")
  Path dir;

  @Spec CommandSpec spec;

  private final Progress progress = Progress.onStderr();
  private volatile boolean stopping = false;

  @Override
  public Integer call() throws Exception {
    check();
    PuzzleKind kind = Puzzles.set(set == null ? "sudoku-6x6" : set);
    String models =
        set == null && puzzles == null
            ? Models.allPaths(Home.get())
            : Models.pathFor(Set.of(kind.name()), Home.get());
    progress.say("starting a Kafka broker and %d nodes ...".formatted(nodes));
    LocalCluster cluster =
        new LocalCluster(Home.get(), roles(), models, port == null ? Ports.pair() : port, dir);
    OnTermination stop = new OnTermination("cluster-stop", () -> stopAll(cluster));
    try (stop;
        cluster) {
      cluster.awaitReady();
      if (puzzles == null) {
        new ClusterOutput(cluster, progress, json).serving();
        return serve(cluster);
      }
      return solve(cluster, kind);
    }
  }

  private void check() {
    if (nodes < 1 || nodes > MOST) {
      throw wrong("--nodes %d: must be from 1 to %d".formatted(nodes, MOST));
    }
    if (split && nodes < 2) {
      throw wrong("--split needs --nodes 2 or more: a planner and at least one worker");
    }
    if (puzzles != null && puzzles < 1) {
      throw wrong("--puzzles %d: must be 1 or more".formatted(puzzles));
    }
    if (nodes == 2) {
      progress.say(
          "two nodes cannot survive the loss of the one with the lower address: the majority of two"
              + " is both, and ties go to the lower address (keep-majority); use three");
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private List<String> roles() {
    if (!split) {
      return Collections.nCopies(nodes, "all");
    }
    List<String> roles = new ArrayList<>(Collections.nCopies(nodes, "worker"));
    roles.set(0, "gateway,planner");
    return roles;
  }

  // ---- until Ctrl-C

  private int serve(LocalCluster cluster) throws InterruptedException {
    Set<String> ended = new HashSet<>();
    while (true) {
      Thread.sleep(INTERVAL_MILLIS);
      sayEnded(cluster, ended);
      if (!stopping) { // the shutdown hook ends the process
        cluster.check();
      }
    }
  }

  private void sayEnded(LocalCluster cluster, Set<String> ended) {
    for (LocalCluster.Member member : cluster.members()) {
      if (!stopping && member.child().exitCode().isPresent() && ended.add(member.name())) {
        progress.say(
            "%s has ended with exit code %d"
                .formatted(member.name(), member.child().exitCode().getAsInt()));
      }
    }
  }

  // ---- with puzzles

  private int solve(LocalCluster cluster, PuzzleKind kind) throws Exception {
    ClusterOutput output = new ClusterOutput(cluster, progress, json);
    output.solving();
    Delivery delivery = new Delivery(Delivery.newRun("cluster"));
    try (ResultReader reader = ResultReader.fromEnd(cluster.settings())) {
      List<PuzzleJob> jobs =
          Puzzles.generated(kind, puzzles).stream().map(p -> delivery.job(p).build()).toList();
      progress.say("ready; %d puzzles go to the cluster".formatted(jobs.size()));
      progress.begin();
      SubmitCommand.send(cluster.settings(), jobs);
      Answers answers = new Answers(delivery, reader, progress);
      Set<String> ended = new HashSet<>();
      double seconds =
          answers.follow(
              () -> {
                sayEnded(cluster, ended);
                if (!stopping) {
                  cluster.check();
                }
              });
      progress.last(delivery);
      sayWhatIsKept(cluster);
      cluster.stopNodes();
      answers.late();
      cluster.stopBroker();
      output.solved(delivery, seconds, answers.byNode());
    }
    return delivery.exactlyOnce() ? 0 : CommandException.FAILED;
  }

  // ---- the end

  private void sayWhatIsKept(LocalCluster cluster) {
    if (cluster.isFirstRun()) {
      progress.say(Programs.KEEPING);
    }
  }

  /** Of the process, by whatever signal: in good order, and that is success. */
  private void stopAll(LocalCluster cluster) {
    stopping = true;
    sayWhatIsKept(cluster);
    try {
      cluster.stopNodes();
      cluster.stopBroker();
    } catch (Exception e) {
      System.err.println("while stopping: " + CommandException.reason(e));
    } finally {
      cluster.close();
    }
    Runtime.getRuntime().halt(0);
  }
}
