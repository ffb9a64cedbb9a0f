package hrm.model.cuda;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import hrm.model.Block;
import hrm.model.HrmConfig;
import hrm.model.Learner;
import hrm.model.Loss;
import hrm.model.Weights;
import hrm.model.optim.Optimizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The published HRM's size on a GPU, segment by segment, beside the roof of its products: {@code
 * CudaBench OUT.json [SECONDS]}. Weights and tokens are those of model/gpu/bench.py.
 */
public final class CudaBench {
  private static final int ROOF_SIDE = 8192;
  private static final int[][] ROWS = { // sequence, batch: the most telling first
    {82, 64}, {901, 64}, {82, 1}, {82, 1024}, {901, 256},
    {82, 8}, {901, 1}, {82, 256}, {901, 8}, {901, 1024}
  };
  private static final double LEAST_SECONDS = 0.4; // of measuring a row, each way
  private static final int WARM = 5; // compiles, allocates, records

  private CudaBench() {}

  public static void main(String[] args) throws IOException {
    double seconds = args.length > 1 ? Double.parseDouble(args[1]) : 150;
    long end = System.nanoTime() + (long) (seconds * 1e9);
    CudaBackend backend = new CudaBackend(CudaOptions.standard());
    JsonObject root = new JsonObject();
    root.addProperty("backend", backend.describe());
    root.addProperty("roof_tflops", roof(backend));
    System.out.printf(
        "%s%nroof: bf16 %d cubed, %.0f TFLOP/s%n",
        backend.describe(), ROOF_SIDE, root.get("roof_tflops").getAsDouble());
    JsonArray rows = new JsonArray();
    root.add("rows", rows);
    JsonArray training = new JsonArray();
    root.add("training", training);
    Path file = Path.of(args[0]);
    write(file, root);
    Map<Integer, float[]> alone = new HashMap<>();
    for (int[] of : ROWS) {
      if (System.nanoTime() < end) {
        rows.add(row(backend, of[0], of[1], alone));
        write(file, root);
      } else {
        System.out.printf("sequence %d, batch %d: not run, out of time%n", of[0], of[1]);
      }
      if (of[0] == 901 && training.isEmpty()) { // after the first of each sequence
        for (int batch : List.of(64, 384)) {
          training.add(training(backend, batch));
          write(file, root);
        }
      }
    }
    root.add("kernels", KernelTimes.all(backend));
    root.add("contests", contests(backend));
    write(file, root);
  }

  /** One kernel against several calls, as this GPU decided: microseconds of both ways. */
  private static JsonArray contests(CudaBackend backend) {
    JsonArray contests = new JsonArray();
    backend
        .contests()
        .forEach(
            (entry, outcome) -> {
              JsonObject contest = new JsonObject();
              contest.addProperty("calls", entry.what());
              contest.addProperty("rows", entry.rows());
              contest.addProperty("in", entry.in());
              contest.addProperty("out", entry.out());
              contest.addProperty("same_bits", outcome.same());
              if (entry.timed() && outcome.same()) {
                contest.addProperty("us_apart", outcome.apart());
                contest.addProperty("us_joined", outcome.joined());
              }
              contest.addProperty("joined", outcome.won());
              contests.add(contest);
              System.out.println(contest);
            });
    return contests;
  }

  private static void write(Path file, JsonObject root) throws IOException {
    Files.writeString(file, new GsonBuilder().setPrettyPrinting().create().toJson(root));
  }

  /** TFLOP/s of a large square product in bfloat16. */
  private static double roof(CudaBackend backend) {
    int n = ROOF_SIDE;
    try (GpuKernels k = (GpuKernels) backend.open()) {
      Block[] blocks = new Block[3];
      for (int i = 0; i < 3; i++) {
        blocks[i] = KernelTimes.random(k.allocateActivation((long) n * n), n * n);
      }
      double best = Double.MAX_VALUE;
      for (int round = 0; round < 6; round++) {
        k.synchronize();
        long start = System.nanoTime();
        for (int i = 0; i < 10; i++) {
          k.linear(blocks[0], blocks[1], blocks[2], 1, n, n, n);
        }
        k.synchronize();
        best = Math.min(best, (System.nanoTime() - start) / 1e10);
      }
      return 2.0 * n * n * n / best / 1e12;
    }
  }

  private static JsonObject row(
      CudaBackend backend, int sequence, int batch, Map<Integer, float[]> alone) {
    JsonObject row = new JsonObject();
    row.addProperty("sequence", sequence);
    row.addProperty("batch", batch);
    try {
      if (!alone.containsKey(sequence)) {
        alone.put(sequence, firstLogits(backend, sequence, 1));
      }
      row.addProperty(
          "same_bits", Arrays.equals(alone.get(sequence), firstLogits(backend, sequence, batch)));
      measure(backend, sequence, batch, row);
    } catch (RuntimeException | Error e) {
      row.addProperty("error", e.toString());
      e.printStackTrace(System.out);
    }
    System.out.println(row);
    return row;
  }

  /** Of the batch's first row, after one segment. */
  private static float[] firstLogits(CudaBackend backend, int sequence, int batch) {
    try (CudaBenchModel work = new CudaBenchModel(backend, sequence, batch)) {
      return Arrays.copyOf(work.plain().logits(), work.c.seqLen() * work.c.vocabSize());
    }
  }

  private static void measure(CudaBackend backend, int sequence, int batch, JsonObject row) {
    try (CudaBenchModel work = new CudaBenchModel(backend, sequence, batch)) {
      for (int i = 0; i < WARM; i++) {
        work.plain();
        work.traced();
      }
      List<Double> plain = new ArrayList<>();
      List<Double> traced = new ArrayList<>();
      double sum = 0;
      while (plain.size() < 200 && (plain.size() < 5 || sum < 2 * LEAST_SECONDS)) {
        plain.add(seconds(work::plain)); // by turns: both meet the same clocks
        traced.add(seconds(work::traced));
        sum += plain.get(plain.size() - 1) + traced.get(traced.size() - 1);
      }
      double median = median(plain);
      row.addProperty("ms_per_segment", median * 1e3);
      row.addProperty("segments_per_s", batch / median);
      row.addProperty("tflops", work.c.segmentFlop() * batch / median / 1e12);
      row.addProperty("ms_traced", median(traced) * 1e3);
      row.addProperty("rounds", plain.size());
      row.addProperty("device_mib", backend.bytes() >> 20);
      row.addProperty("own_algorithms", backend.ownAlgorithms());
    }
  }

  private static double seconds(Runnable run) {
    long start = System.nanoTime();
    run.run();
    return (System.nanoTime() - start) / 1e9;
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }

  /** A training step as published: AdamATan2, gradient through the last calls, sequence 82. */
  private static JsonObject training(CudaBackend backend, int batch) {
    HrmConfig c = CudaBenchModel.config(82);
    JsonObject row = new JsonObject();
    row.addProperty("batch", batch);
    Learner.Options options =
        new Learner.Options(
            batch,
            c.haltMaxSteps(),
            Loss.Type.STABLEMAX,
            0,
            false,
            new Optimizer.Options(Optimizer.Kind.ADAM_ATAN2, 1, 0.1, 0.9, 0.95, 0.95),
            1,
            0,
            false,
            0,
            0);
    try (Learner learner = new Learner(c, Weights.random(c, 1), options, backend.open())) {
      double[] seconds = new double[15];
      for (int i = 0; i < seconds.length; i++) {
        long start = System.nanoTime();
        step(c, learner); // reads its losses last: it has ended
        seconds[i] = (System.nanoTime() - start) / 1e9;
      }
      seconds =
          Arrays.copyOfRange(seconds, 4, seconds.length); // the first ones compile and allocate
      Arrays.sort(seconds);
      double median = seconds[seconds.length / 2];
      row.addProperty("ms_per_step", median * 1e3);
      row.addProperty("tflops", learner.stepFlop() / median / 1e12);
      row.addProperty("device_mib", backend.bytes() >> 20);
    } catch (RuntimeException | Error e) {
      row.addProperty("error", e.toString());
      e.printStackTrace(System.out);
    }
    System.out.println("training " + row);
    return row;
  }

  private static void step(HrmConfig c, Learner learner) {
    learner.step(
        (row, inputs, labels) -> {
          for (int i = 0; i < inputs.length; i++) {
            inputs[i] = 1 + (row + i * 7) % (c.vocabSize() - 1);
            labels[i] = 1 + (row + i * 3) % (c.vocabSize() - 1);
          }
          return 0;
        },
        Learner.Exploration.NEVER,
        new Optimizer.Rates(1e-4, 1e-4, 1e-4));
  }
}
