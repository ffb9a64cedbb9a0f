package hrm.model.cuda;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import hrm.model.Carry;
import hrm.model.HiddenState;
import hrm.model.HighLevel;
import hrm.model.Hrm;
import hrm.model.HrmConfig;
import hrm.model.Learner;
import hrm.model.Loss;
import hrm.model.LowLevel;
import hrm.model.Model;
import hrm.model.Weights;
import hrm.model.optim.Optimizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * The published HRM's size on a GPU, segment by segment, beside the roof of its products: {@code
 * CudaBench OUT.json [SECONDS]}. Weights and tokens are those of model/gpu/bench.py.
 */
public final class CudaBench {
  private static final int ROOF_SIDE = 8192;
  private static final List<Integer> SEQUENCES = List.of(82, 901);
  private static final List<Integer> BATCHES = List.of(64, 1, 8, 256, 1024);
  private static final double LEAST_SECONDS = 0.5; // of measuring a row

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
    JsonArray training = new JsonArray();
    root.add("training", training);
    for (int batch : List.of(64, 384)) {
      training.add(training(backend, batch));
    }
    JsonArray rows = new JsonArray();
    root.add("rows", rows);
    for (int sequence : SEQUENCES) {
      for (int batch : BATCHES) {
        if (System.nanoTime() < end) {
          rows.add(row(backend, sequence, batch));
        } else {
          System.out.printf("sequence %d, batch %d: not run, out of time%n", sequence, batch);
        }
        Files.writeString(
            Path.of(args[0]), new GsonBuilder().setPrettyPrinting().create().toJson(root));
      }
    }
  }

  /** TFLOP/s of a large square product in bfloat16. */
  private static double roof(CudaBackend backend) {
    int n = ROOF_SIDE;
    try (GpuKernels k = (GpuKernels) backend.open()) {
      GpuBlock[] blocks = new GpuBlock[3];
      float[] row = new float[n];
      java.util.Random random = new java.util.Random(1); // zeros would draw less power
      for (int i = 0; i < 3; i++) {
        blocks[i] = (GpuBlock) k.allocateActivation((long) n * n);
        for (int r = 0; r < n; r += 64) {
          for (int j = 0; j < n; j++) {
            row[j] = (float) random.nextGaussian();
          }
          for (int same = r; same < r + 64; same++) {
            blocks[i].write((long) same * n, row, 0, n);
          }
        }
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

  private static HrmConfig config(int sequence) {
    return HrmConfig.parse(
        """
        {"seq_len": %d, "vocab_size": 11, "num_puzzle_identifiers": 1, "hidden_size": 512,
         "num_heads": 8, "expansion": 4, "H_layers": 4, "L_layers": 4, "H_cycles": 2,
         "L_cycles": 2, "pos_encodings": "rope", "halt_max_steps": 16}
        """
            .formatted(sequence - 1));
  }

  private static JsonObject row(CudaBackend backend, int sequence, int batch) {
    JsonObject row = new JsonObject();
    row.addProperty("sequence", sequence);
    row.addProperty("batch", batch);
    try {
      measure(backend, sequence, batch, row);
    } catch (RuntimeException e) {
      row.addProperty("error", e.toString());
      e.printStackTrace(System.out);
    }
    System.out.println(row);
    return row;
  }

  private static void measure(CudaBackend backend, int sequence, int batch, JsonObject row) {
    HrmConfig c = config(sequence);
    Model model = new Model("bench", c, Weights.random(c, 1), "");
    try (HighLevel high = model.highLevel(backend);
        LowLevel low = model.lowLevel(backend)) {
      Hrm hrm = new Hrm(high, low, c);
      int[][] tokens = new int[batch][c.seqLen()];
      for (int b = 0; b < batch; b++) {
        for (int i = 0; i < c.seqLen(); i++) {
          tokens[b][i] = 1 + (b + i * 7) % (c.vocabSize() - 1);
        }
      }
      int[] fresh = new int[batch];
      Arrays.fill(fresh, -1);
      Carry carry = high.seat(null, fresh);
      HiddenState inputs = high.embed(tokens, new int[batch]);
      for (int i = 0; i < 6; i++) { // compiles, allocates, records
        carry = next(hrm, carry, inputs);
      }
      double[] seconds = new double[200];
      int rounds = 0;
      double sum = 0;
      while (rounds < seconds.length && (rounds < 5 || sum < LEAST_SECONDS)) {
        long start = System.nanoTime();
        carry = next(hrm, carry, inputs); // heads and residuals come to the host: it has ended
        seconds[rounds] = (System.nanoTime() - start) / 1e9;
        sum += seconds[rounds++];
      }
      carry.close();
      inputs.close();
      double[] sorted = Arrays.copyOf(seconds, rounds);
      Arrays.sort(sorted);
      double median = sorted[rounds / 2];
      row.addProperty("ms_per_segment", median * 1e3);
      row.addProperty("segments_per_s", batch / median);
      row.addProperty("tflops", c.segmentFlop() * batch / median / 1e12);
      row.addProperty("rounds", rounds);
      row.addProperty("device_mib", backend.bytes() >> 20);
      row.addProperty("own_algorithms", backend.ownAlgorithms());
    }
  }

  /** A training step as published: AdamATan2, gradient through the last calls, sequence 82. */
  private static JsonObject training(CudaBackend backend, int batch) {
    HrmConfig c = config(82);
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
      double[] seconds = new double[7];
      for (int i = 0; i < seconds.length; i++) {
        long start = System.nanoTime();
        step(c, learner); // reads its losses last: it has ended
        seconds[i] = (System.nanoTime() - start) / 1e9;
      }
      Arrays.sort(seconds);
      double median = seconds[seconds.length / 2];
      row.addProperty("ms_per_step", median * 1e3);
      row.addProperty("tflops", learner.stepFlop() / median / 1e12);
      row.addProperty("device_mib", backend.bytes() >> 20);
    } catch (RuntimeException e) {
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

  private static Carry next(Hrm hrm, Carry carry, HiddenState inputs) {
    Carry next = hrm.segment(carry, inputs).carry();
    carry.close();
    return next;
  }
}
