package hrm.cluster.bench;

import com.google.gson.Gson;
import com.typesafe.config.Config;
import hrm.actors.ActorsSettings;
import hrm.actors.WireCost;
import hrm.cluster.cli.CommandException;
import hrm.cluster.cli.ConfigOptions;
import hrm.cluster.cli.Json;
import hrm.cluster.settings.ModelSettings;
import hrm.cluster.settings.Models;
import hrm.model.Backend;
import hrm.model.Model;
import hrm.model.bench.EngineBench;
import hrm.model.cuda.CudaOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code hrm bench distance}: what it costs that planner and worker are two processes. */
@Command(
    name = "distance",
    mixinStandardHelpOptions = true,
    description = {
      "Milliseconds and bytes per cycle of full-size HRM (random weights, one lane) with planner and",
      "worker in one process, and in two by way of loopback, in turn; medians of rounds. Once on a",
      "SIMULATED device that takes no time, which leaves the transport alone; once computed."
    },
    footer = {"", "Example: hrm bench distance --batch 32 --json"})
public final class BenchDistanceCommand implements Callable<Integer> {
  private static final String COPIES =
      "2 when sent (device to packed bytes, those to the transport's buffer), "
          + "2 when received (the buffer to packed bytes, those to the device); "
          + "what Akka's TCP and the system copy is not counted";

  @Option(
      names = "--batch",
      defaultValue = "32",
      description = "Rows of the lane (default: ${DEFAULT-VALUE}).")
  int batch;

  @Option(
      names = "--rounds",
      defaultValue = "5",
      description = "Rounds timed after a warm-up (default: ${DEFAULT-VALUE}).")
  int rounds;

  @Option(
      names = "--segments",
      defaultValue = "20",
      description =
          "Segments of a round on the simulated device; the first and last do not count (default: ${DEFAULT-VALUE}).")
  int segments;

  @Option(
      names = "--computed",
      defaultValue = "5",
      description =
          "Segments of a round that is computed, as --segments; 0: none is (default: ${DEFAULT-VALUE}).")
  int computed;

  @Option(names = "--json", description = "One JSON object on stdout.")
  boolean json;

  /**
   * One placement on one device, per cycle.
   *
   * @param beyond_colocated_ms more than colocated on the same device
   * @param bytes of messages, both ways
   * @param serialise_ms into and out of the transport's buffers, in both processes
   * @param pack_ms from and to the devices, in both processes
   * @param serialise_share of the cycle's time
   */
  private record Row(
      String device,
      String placement,
      int batch,
      double ms,
      double beyond_colocated_ms,
      double bytes,
      double serialise_ms,
      double pack_ms,
      double serialise_share,
      double pack_share) {}

  private record Report(
      int sequence,
      int hidden,
      List<Row> rows,
      int copies_each_way,
      String copies,
      String frame_check) {}

  /** Full-size HRM; on a simulated device by a name of its own. */
  public static Model model(boolean simulated) {
    Model model = EngineBench.fullSize();
    Model named = new Model(model.name(), model.config(), model.weights(), "full-size");
    return simulated ? Models.simulated(List.of(named)).get(0) : named;
  }

  @Override
  public Integer call() throws Exception {
    if (batch < 1 || rounds < 1 || segments < 3 || computed < 0 || computed > 0 && computed < 5) {
      throw CommandException.wrongInput(
          "--batch and --rounds must be 1 or more, --segments 3 or more, --computed 5 or more, or 0");
    }
    List<Row> rows = new ArrayList<>(measure(true, segments));
    if (computed > 0) {
      rows.addAll(measure(false, computed));
    }
    Model model = model(false);
    Report report =
        new Report(
            model.config().sequence(),
            model.config().hiddenSize(),
            rows,
            2,
            COPIES,
            frameCheck(model));
    System.err.println("copies of the bytes: " + COPIES);
    System.err.println("a lane of 4096 rows: " + report.frame_check());
    if (json) {
      System.out.println(new Gson().newBuilder().disableHtmlEscaping().create().toJson(report));
    }
    return 0;
  }

  private List<Row> measure(boolean simulated, int segments) throws Exception {
    Model model = model(simulated);
    ModelSettings settings =
        new ModelSettings(
            List.of(),
            simulated ? ModelSettings.SIMULATED : "auto",
            Duration.ZERO,
            0,
            CudaOptions.standard());
    Backend backend = Models.backend(settings);
    List<String> device =
        List.of("hrm.model.backend=" + settings.backend(), "hrm.model.simulated-tick=0ms");
    System.err.printf(
        "%s; a lane of %d x %d x %d%n",
        backend.describe(), batch, model.config().sequence(), model.config().hiddenSize());
    List<Placement> placements = new ArrayList<>();
    try {
      placements.add(Placement.colocated(batch, model, backend));
      placements.add(Placement.split(batch, model, backend, "float32", device));
      placements.add(Placement.split(batch, model, backend, "bfloat16", device));
      List<List<Placement.Cycles>> runs = new ArrayList<>();
      placements.forEach(p -> runs.add(new ArrayList<>()));
      for (int round = -1; round < rounds; round++) {
        for (int i = 0; i < placements.size(); i++) {
          Placement.Cycles cycles = placements.get(i).run(segments);
          System.err.printf(
              "  %s %-14s %8.2f ms a cycle%n",
              round < 0 ? "warm-up" : "round " + (round + 1), placements.get(i).name, cycles.ms());
          if (round >= 0) {
            runs.get(i).add(cycles);
          }
        }
      }
      List<Row> rows = new ArrayList<>();
      for (int i = 0; i < placements.size(); i++) {
        rows.add(
            row(
                backend.name().equals(ModelSettings.SIMULATED) ? "simulated, 0 ms" : backend.name(),
                placements.get(i).name,
                runs.get(i),
                rows.isEmpty() ? null : rows.get(0)));
      }
      rows.forEach(BenchDistanceCommand::print);
      return rows;
    } finally {
      placements.forEach(Placement::close);
    }
  }

  private Row row(String device, String name, List<Placement.Cycles> runs, Row colocated) {
    List<Placement.Cycles> sorted =
        runs.stream().sorted(Comparator.comparingDouble(Placement.Cycles::ms)).toList();
    Placement.Cycles median = sorted.get(sorted.size() / 2);
    WireCost wire = median.wire();
    int cycles = median.count();
    double serialise = (wire.nanosOut() + wire.nanosIn()) / 1e6 / cycles;
    double pack = wire.nanosPacking() / 1e6 / cycles;
    return new Row(
        device,
        name,
        batch,
        Json.rounded(median.ms(), 3),
        Json.rounded(colocated == null ? 0 : median.ms() - colocated.ms(), 3),
        Math.rint((double) wire.bytesOut() / cycles),
        Json.rounded(serialise, 3),
        Json.rounded(pack, 3),
        Json.rounded(serialise / median.ms(), 4),
        Json.rounded(pack / median.ms(), 4));
  }

  private static void print(Row row) {
    System.err.printf(
        "%-15s %-14s %8.2f ms a cycle, %+8.2f; %5.1f MB; serialising %.2f ms (%.1f%%), packing %.2f ms (%.1f%%)%n",
        row.device(),
        row.placement(),
        row.ms(),
        row.beyond_colocated_ms(),
        row.bytes() / 1e6,
        row.serialise_ms(),
        100 * row.serialise_share(),
        row.pack_ms(),
        100 * row.pack_share());
  }

  /** What a node says whose lanes do not fit a frame. */
  private static String frameCheck(Model model) {
    Config config = new ConfigOptions().load(Map.of("hrm.actors.slots-per-lane", 4096));
    try {
      ActorsSettings.of(config)
          .checkFrames(
              model, config.getBytes("akka.remote.artery.advanced.maximum-large-frame-size"));
      return "fits";
    } catch (IllegalArgumentException e) {
      return "refused: " + e.getMessage();
    }
  }
}
