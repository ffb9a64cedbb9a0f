package hrm.cluster.bench;

import hrm.cluster.cli.CommandException;
import hrm.cluster.settings.ModelSettings;
import hrm.model.Backend;
import hrm.model.Backends;
import hrm.model.Model;
import hrm.model.bench.EngineBench;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code hrm bench engine}: full-size HRM on this machine beside its own sgemm roof. */
@Command(
    name = "engine",
    mixinStandardHelpOptions = true,
    description = {
      "Time one segment of full-size HRM (27 M parameters, sequence 82, float32, random weights).",
      "The roof is one 2048^3 sgemm by the same BLAS, measured in turn with the segments."
    },
    footer = {"", "Example: hrm bench engine --batches 1,8,32 --json"})
final class BenchEngineCommand implements Callable<Integer> {
  @Option(
      names = "--batches",
      split = ",",
      defaultValue = "1,8,32",
      description = "Batch sizes (default: ${DEFAULT-VALUE}).")
  List<Integer> batches;

  @Option(
      names = "--rounds",
      defaultValue = "9",
      description = "Segments timed; the median counts (default: ${DEFAULT-VALUE}).")
  int rounds;

  @Option(
      names = "--threads",
      defaultValue = "0",
      description = "Cores to use; 0: all (default: ${DEFAULT-VALUE}).")
  int threads;

  @Option(names = "--json", description = "One JSON object on stdout.")
  boolean json;

  @Override
  public Integer call() {
    ModelSettings.checkThreads("--threads", threads);
    if (rounds < 1 || batches.stream().anyMatch(b -> b < 1)) {
      throw CommandException.wrongInput("--batches and --rounds must be 1 or more");
    }
    int cores = threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
    Backend backend = Backends.named("nd4j", cores);
    Model model = EngineBench.fullSize();
    System.err.println(backend.describe());
    List<EngineBench.Row> rows = new ArrayList<>();
    for (int batch : batches) {
      EngineBench.Row row = EngineBench.run(model, backend, cores, batch, rounds);
      rows.add(row);
      System.err.printf(
          "batch %3d  %8.1f ms/segment  %6.1f GFLOP/s  roof %6.1f  share %4.1f%%  %.0f bytes/tick%n",
          row.batch(),
          row.ms_per_segment(),
          row.gflops(),
          row.roof_gflops(),
          100 * row.roof_share(),
          row.allocated_per_tick());
    }
    if (json) {
      System.out.println(
          new com.google.gson.Gson().toJson(Map.of("backend", backend.describe(), "rows", rows)));
    }
    return 0;
  }
}
