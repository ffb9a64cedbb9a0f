package hrm.cluster.chaos;

import com.google.gson.Gson;
import hrm.cluster.chaos.Fleet.Spec;
import hrm.cluster.cli.CommandException;
import hrm.cluster.cli.Folders;
import hrm.cluster.cli.Home;
import hrm.cluster.cli.OutFile;
import hrm.cluster.jobs.Puzzles;
import hrm.cluster.settings.Models;
import hrm.cluster.settings.Role;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code hrm chaos}: a cluster at work while its parts are killed, frozen and cut off. */
@Command(
    name = "chaos",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Start a broker, two gateways and three solvers on this machine and stream puzzles through",
      "them while nodes are killed, frozen for longer than every timeout and cut off from each",
      "other, and the broker is killed; then count. The same seed makes the same plan. Exit code 0",
      "only if every job was answered exactly once and the cluster is whole at the end."
    },
    footer = {"", "Example: hrm chaos --seed 7 --jobs 3000 --report chaos.html"})
public final class ChaosCommand implements Callable<Integer> {
  private static final int GATEWAYS = 2;
  private static final int SOLVERS = 3;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Of the plan (default: ${DEFAULT-VALUE}).")
  long seed;

  @Option(
      names = "--jobs",
      defaultValue = "3000",
      description = "Puzzles to send (default: ${DEFAULT-VALUE}).")
  int jobs;

  @Option(
      names = "--kills",
      defaultValue = "20",
      description = "SIGKILLs of any node (default: ${DEFAULT-VALUE}).")
  int kills;

  @Option(
      names = "--freezes",
      defaultValue = "3",
      description = "SIGSTOPs, 25 s and longer (default: ${DEFAULT-VALUE}).")
  int freezes;

  @Option(
      names = "--broker-kills",
      defaultValue = "1",
      description = "SIGKILLs of the broker (default: ${DEFAULT-VALUE}).")
  int brokerKills;

  @Option(
      names = "--cuts",
      defaultValue = "2",
      description = "Cuts between two nodes, 15 s and longer (default: ${DEFAULT-VALUE}).")
  int cuts;

  @Option(
      names = "--set",
      defaultValue = "sudoku-6x6",
      description = "What to solve (default: ${DEFAULT-VALUE}).")
  String set;

  @Option(names = "--report", description = "HTML file for the timeline.")
  Path report;

  @Option(names = "--keep", description = "Folder for the parts' logs and the broker's data.")
  Path keep;

  @Option(names = "--json", description = "One JSON object on stdout.")
  boolean json;

  @Override
  public Integer call() throws Exception {
    if (jobs < 1 || kills < 0 || freezes < 0 || brokerKills < 0 || cuts < 0) {
      throw CommandException.wrongInput("--jobs must be above 0, and no other number below 0");
    }
    if (report != null) {
      OutFile.check("--report", report);
    }
    Path model =
        Models.folderFor(Puzzles.set(set).name(), Home.get().modelFolders())
            .orElseThrow(() -> CommandException.wrongInput("no model here solves " + set));
    List<Spec> specs = new ArrayList<>();
    for (int i = 1; i <= GATEWAYS; i++) {
      specs.add(new Spec("gateway-" + i, Set.of(Role.GATEWAY), List.of()));
    }
    for (int i = 1; i <= SOLVERS; i++) {
      specs.add(new Spec("solver-" + i, Set.of(Role.PLANNER, Role.WORKER), List.of()));
    }
    ChaosPlan plan = ChaosPlan.of(seed, specs.size(), kills, freezes, brokerKills, cuts);
    Consumer<String> say = System.err::println;
    say.accept(
        "%d jobs over %.0f s: %d kills, %d freezes, %d kills of the broker, %d cuts"
            .formatted(jobs, plan.seconds(), kills, freezes, brokerKills, cuts));
    Path folder =
        keep == null
            ? Files.createTempDirectory("hrm-chaos-")
            : Files.createDirectories(keep.toAbsolutePath());
    try (Fleet fleet =
        new Fleet(
            Home.get(),
            folder,
            specs,
            List.of("hrm.model.path=" + model.toAbsolutePath(), "hrm.model.threads=1"))) {
      Timeline timeline = new Timeline(say);
      ChaosSummary summary =
          new Chaos(seed, plan, fleet, Puzzles.generated(set, jobs), timeline).run();
      if (report != null) {
        ChaosReport.write(report, summary, fleet.names(), timeline);
      }
      print(summary);
      return summary.good() ? 0 : CommandException.FAILED;
    } finally {
      if (keep == null) {
        Folders.delete(folder);
      }
    }
  }

  private void print(ChaosSummary s) {
    if (json) {
      System.out.println(new Gson().toJson(s));
      return;
    }
    System.out.printf(
        "%d jobs: %d results, %d lost, %d duplicates, %d dead letters, %d in a later attempt%n",
        s.jobs(), s.results(), s.lost(), s.duplicates(), s.dead_lettered(), s.later_attempts());
    System.out.printf(
        "%d kills, %d freezes, %d kills of the broker, %d cuts; %d restarts; %.0f s; %s%n",
        s.kills(),
        s.freezes(),
        s.broker_kills(),
        s.cuts(),
        s.restarts(),
        s.seconds(),
        s.whole() ? "the cluster is whole" : "the cluster is NOT whole");
  }
}
