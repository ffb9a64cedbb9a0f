package hrm.cluster.bench;

import com.google.gson.Gson;
import hrm.cluster.cli.CommandException;
import hrm.cluster.settings.ModelSettings;
import hrm.model.Backend;
import hrm.model.Backends;
import hrm.model.HrmConfig;
import hrm.model.bench.TrainBench;
import hrm.model.optim.Optimizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code hrm bench train}: the published training step at full size beside the sgemm roof. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    description = {
      "Time one training step of full-size HRM (27 M parameters, sequence 82, float32, one-step",
      "gradient, continue head, random weights).",
      "The roof is one 2048^3 sgemm by the same BLAS, measured in turn with the steps."
    },
    footer = {"", "Example: hrm bench train --batches 8,32 --json"})
final class BenchTrainCommand implements Callable<Integer> {
  @Option(
      names = "--batches",
      split = ",",
      defaultValue = "8,32",
      description = "Batch sizes (default: ${DEFAULT-VALUE}).")
  List<Integer> batches;

  @Option(
      names = "--optimizer",
      defaultValue = "adam-atan2",
      description = "Or adamw, or muon (default: ${DEFAULT-VALUE}).")
  String optimizer;

  @Option(
      names = "--rounds",
      defaultValue = "5",
      description = "Steps timed; the median counts (default: ${DEFAULT-VALUE}).")
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
    Optimizer.Kind kind =
        Arrays.stream(Optimizer.Kind.values())
            .filter(k -> k.toString().equals(optimizer))
            .findFirst()
            .orElseThrow(
                () ->
                    CommandException.wrongInput(
                        "--optimizer %s is not known; use one of %s"
                            .formatted(optimizer, Arrays.toString(Optimizer.Kind.values()))));
    int cores = threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
    Backend backend = Backends.named("nd4j", cores);
    HrmConfig config = HrmConfig.parse("{\"puzzle\": \"sudoku-9x9\"}");
    System.err.println(backend.describe());
    List<TrainBench.Row> rows = new ArrayList<>();
    for (int batch : batches) {
      TrainBench.Row row = TrainBench.run(config, kind, backend, cores, batch, rounds);
      rows.add(row);
      System.err.printf(
          "batch %3d  %8.1f ms/step  %6.2f samples/s  %6.1f GFLOP/s  roof %6.1f  share %4.1f%%  %.0f bytes/step%n",
          row.batch(),
          row.ms_per_step(),
          row.samples_per_second(),
          row.gflops(),
          row.roof_gflops(),
          100 * row.roof_share(),
          row.allocated_per_step());
    }
    if (json) {
      System.out.println(new Gson().toJson(Map.of("backend", backend.describe(), "rows", rows)));
    }
    return 0;
  }
}
