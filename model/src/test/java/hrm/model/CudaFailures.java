package hrm.model;

import hrm.model.cuda.CudaBackend;
import hrm.model.cuda.CudaOptions;
import hrm.model.cuda.CudaOptions.Precision;
import java.util.Arrays;

/** What the CUDA backend does when a device breaks, or a call of a library fails. */
final class CudaFailures {
  private static final int WORKS = 100; // more than the launch that breaks a device

  private final CudaReport report;

  CudaFailures(CudaReport report) {
    this.report = report;
  }

  /** After a device error everything opened before fails clearly, and what is opened next works. */
  void broken() {
    CudaBackend cuda = CudaCheck.backend(Precision.FLOAT32, true);
    Block idle = cuda.open().allocate(4);
    String said = breakIt(cuda);
    report.that("the error names the call", said.contains("(700)") && said.contains("cu"), said);
    float[] again = CudaSession.states(cuda, 2, 2).get(0);
    float[] fresh = CudaSession.states(CudaCheck.backend(Precision.FLOAT32, false), 2, 2).get(0);
    boolean same = Arrays.equals(again, fresh);
    report.that("after a reset", same, same ? "the same bits" : "other bits");
    said = said(() -> idle.write(0, new float[4], 0, 4));
    report.that("a write from before", said.contains("has failed"), said);
    said = said(() -> idle.read(0, new float[4], 0, 4));
    report.that("a read from before", said.contains("has failed"), said);
    report.that("not lost", !cuda.isLost(), "the reset has healed it");
  }

  /** A device that no reset heals: whoever opens it is told so. */
  void lost() {
    CudaBackend cuda = CudaCheck.backend(Precision.FLOAT32, true);
    breakIt(cuda);
    for (int i = 0; i < 2; i++) {
      String said = said(cuda::open);
      report.that("what open says", said.contains("restart this node"), said);
    }
    report.that("lost", cuda.isLost() && cuda.memory().isEmpty(), "for good");
  }

  /** What those say who are at work then. */
  private static String breakIt(CudaBackend cuda) {
    String said = "";
    for (int i = 0; i < WORKS && said.isEmpty(); i++) {
      said = said(() -> CudaSession.states(cuda, 2, 2));
    }
    return said;
  }

  /** Whoever asks for figures may be the first to find the device broken. */
  void brokenUnnoticed() {
    CudaBackend cuda = CudaCheck.backend(Precision.FLOAT32, true);
    Kernels k = cuda.open();
    Block x = k.allocate(4);
    int fills = 0;
    while (cuda.memory().isPresent() && fills < WORKS) {
      k.fill(x, 4, 1);
      fills++;
    }
    report.that("figures of a broken device", fills < WORKS, "none after %d".formatted(fills));
  }

  /** What one GPU took from another does not tie it to that one, which breaks. */
  void otherBreaks() {
    CudaOptions o = CudaOptions.standard();
    CudaBackend here = new CudaBackend(o);
    CudaBackend there =
        new CudaBackend(
            new CudaOptions(
                1, o.precision(), o.graphs(), o.batchInvariant(), o.joining(), 0, o.cache()));
    Kernels k = here.open();
    Kernels peer = there.open();
    Block x = k.allocate(4);
    Block y = peer.allocate(4);
    k.fill(x, 4, 3);
    peer.bring(x, y, 4);
    report.that("brought", read(y) == 3, "%f of 3".formatted(read(y)));
    String said = "";
    for (int i = 0; i < WORKS && said.isEmpty(); i++) {
      peer.fill(y, 4, i);
      said = said(() -> k.bring(y, x, 4));
    }
    report.that("what breaks there", said.contains("has failed"), said);
    k.fill(x, 4, 5);
    report.that("is no matter here", read(x) == 5, "%f of 5".formatted(read(x)));
    boolean told = there.memory().isEmpty() && here.memory().isPresent();
    report.that("which is broken", told, told ? "the other" : "this one");
  }

  private static float read(Block block) {
    float[] read = new float[1];
    block.read(0, read, 0, 1);
    return read[0];
  }

  /** A product whose algorithm could not be chosen is computed when that works again. */
  void choiceFails() {
    try (Kernels k = CudaCheck.backend(Precision.FLOAT32, true).open()) {
      Block x = k.allocate(4);
      Block y = k.allocate(1);
      k.fill(x, 4, 1);
      String said = said(() -> k.linear(x, x, y, 1, 1, 4, 1));
      report.that("the choice fails", said.contains("AlgoGetHeuristic"), said);
      k.linear(x, x, y, 1, 1, 4, 1);
      report.that("and is made", read(y) == 4, "%f of 4".formatted(read(y)));
    }
  }

  /** Of what a call throws; nothing where it works. */
  private static String said(Runnable call) {
    try {
      call.run();
      return "";
    } catch (BrokenDeviceException e) {
      return e.getMessage();
    } catch (RuntimeException e) {
      return e.toString();
    }
  }
}
