package hrm.model;

import hrm.model.host.Host;
import hrm.model.reference.ReferenceBackend;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Runs a kernel on a GPU and by the reference, on the same numbers, and reports the difference. */
final class CudaTrial {
  /** Inputs and outputs of a kernel; activations have the device's working type. */
  record Data(float[] values, boolean activation) {}

  interface Call {
    void run(Kernels k, Block[] b);
  }

  private final CudaReport report;
  private final Kernels gpu;
  private final Kernels reference = new ReferenceBackend().open();
  private final String precision;
  private final double tolerance;
  final Random random = new Random(7);

  CudaTrial(CudaReport report, Kernels gpu, String precision, double tolerance) {
    this.report = report;
    this.gpu = gpu;
    this.precision = precision;
    this.tolerance = tolerance;
  }

  /** Whether activations are bfloat16. */
  boolean onTensorCores() {
    return precision.equals("BFLOAT16");
  }

  void check(String name, int[] shape, Call call, Data... data) {
    String at = "%s %s %s".formatted(precision, name, Arrays.toString(shape));
    try {
      List<float[]> golden = run(reference, call, data);
      List<float[]> ours = run(gpu, call, data);
      double worst = 0;
      for (int i = 0; i < data.length; i++) {
        double largest = 1;
        for (float x : golden.get(i)) {
          largest = Math.max(largest, Math.abs(x));
        }
        for (int j = 0; j < golden.get(i).length; j++) {
          double error = Math.abs(golden.get(i)[j] - ours.get(i)[j]) / largest;
          worst = error <= worst ? worst : error; // NaN counts as worst
        }
      }
      report.within(at, worst, tolerance);
    } catch (RuntimeException e) {
      report.failed(at, e);
    }
  }

  /** Both ways leave the same bits in the first n elements of the last block. */
  void same(String name, int[] shape, int n, Call way, Call other, Data... data) {
    String at = "%s %s %s".formatted(precision, name, Arrays.toString(shape));
    try {
      float[] expected = run(gpu, way, data).get(data.length - 1);
      float[] actual = run(gpu, other, data).get(data.length - 1);
      boolean same = Arrays.equals(expected, 0, n, actual, 0, n);
      report.that(at, same, same ? "the same bits" : "other bits");
    } catch (RuntimeException e) {
      report.failed(at, e);
    }
  }

  private static List<float[]> run(Kernels k, Call call, Data[] data) {
    Block[] blocks = new Block[data.length];
    for (int i = 0; i < data.length; i++) {
      int n = data[i].values().length;
      blocks[i] = data[i].activation() ? k.allocateActivation(n) : k.allocate(n);
      blocks[i].write(0, data[i].values(), 0, n);
    }
    call.run(k, blocks);
    List<float[]> read = new ArrayList<>();
    for (Block block : blocks) {
      read.add(Host.read(block));
      block.close();
    }
    return read;
  }

  Data act(int n) {
    return new Data(values(n, -127), true);
  }

  Data plain(int n) {
    return new Data(values(n, -127), false);
  }

  Data positive(int n) {
    return new Data(values(n, 1), false);
  }

  /** Multiples of 1/64 below 2: exact in bfloat16. */
  private float[] values(int n, int least) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = random.nextInt(least, 128) / 64f;
    }
    return values;
  }
}
