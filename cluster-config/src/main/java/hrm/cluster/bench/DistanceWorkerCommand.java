package hrm.cluster.bench;

import hrm.cluster.cli.ConfigOptions;
import hrm.cluster.node.LocalActors;
import hrm.cluster.settings.ModelSettings;
import hrm.cluster.settings.Models;
import hrm.cluster.settings.Role;
import hrm.model.Backend;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The other process of {@link BenchDistanceCommand}: a worker of the full-size model. */
@Command(
    name = "distance-worker",
    hidden = true,
    mixinStandardHelpOptions = true,
    description = "The worker of hrm bench distance, which starts it.",
    footer = {"", "Example: hrm bench distance"})
final class DistanceWorkerCommand implements Callable<Integer> {
  @Option(names = "--seed", required = true, paramLabel = "HOST:PORT", description = "The planner.")
  String seed;

  @Override
  public Integer call() throws Exception {
    ModelSettings settings = ModelSettings.from(new ConfigOptions().load());
    Backend backend = Models.backend(settings);
    LocalActors node =
        new LocalActors(
            Set.of(Role.WORKER),
            List.of(seed),
            Map.of(),
            BenchDistanceCommand.model(settings.simulated()),
            backend,
            event -> true);
    CostReporter.start(node.system());
    System.out.println("ready");
    node.system().getWhenTerminated().toCompletableFuture().join();
    return 0;
  }
}
