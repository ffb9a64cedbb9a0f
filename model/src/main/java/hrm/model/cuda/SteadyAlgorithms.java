package hrm.model.cuda;

import hrm.model.DeviceMemoryException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.cuda.cublas.cublasLtMatmulHeuristicResult_t;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Algorithms under which a row's numbers are the same whatever the number of rows: for each number
 * cublasLt's first choice that gives the bits of the algorithm for many rows, and that one itself
 * where none does. Whether two agree is tried once a GPU, on numbers whose sums round.
 */
final class SteadyAlgorithms {
  private static final Logger log = LoggerFactory.getLogger(SteadyAlgorithms.class);
  private static final int MANY_ROWS = 16384;
  private static final int MOST_TRIED = 8192; // above, the algorithm for many rows fills a GPU
  private static final int CHOICES = 6;

  private final Map<ProductShape, cublasLtMatmulHeuristicResult_t> chosen = new HashMap<>();
  private long own;

  /** Shapes with an algorithm of their own. */
  long own() {
    return own;
  }

  int shapes() {
    return chosen.size();
  }

  /** The lock of the GPU is held. */
  cublasLtMatmulHeuristicResult_t choose(ProductPlan plan, Gemm gemm) {
    cublasLtMatmulHeuristicResult_t known = chosen.get(plan.shape);
    if (known != null) {
      return known;
    }
    try {
      known = find(plan, gemm);
      chosen.put(plan.shape, known);
      return known;
    } catch (DeviceMemoryException e) { // of a trial: the shape's next plan tries again
      log.debug("no algorithms are tried for {}: {}", plan.shape, e.getMessage());
      cublasLtMatmulHeuristicResult_t steady = chosen.get(plan.shape.ofRows(MANY_ROWS));
      if (steady == null) {
        throw e;
      }
      return steady;
    }
  }

  private cublasLtMatmulHeuristicResult_t find(ProductPlan plan, Gemm gemm) {
    ProductShape many = plan.shape.ofRows(MANY_ROWS);
    cublasLtMatmulHeuristicResult_t steady = chosen.get(many);
    if (steady == null) {
      try (ProductPlan of = new ProductPlan(many)) {
        steady = gemm.algorithms.choices(of, false, 1).get(0);
      }
      chosen.put(many, steady);
    }
    if (!gemm.algorithms.takes(plan, steady)) {
      log.warn(
          "cublasLt's algorithm for {} does not take {}; results may differ in their last bits"
              + " from those of other batch sizes",
          many,
          plan.shape);
      return gemm.algorithms.choices(plan, false, 1).get(0);
    }
    return plan.shape.n() > MOST_TRIED ? steady : faster(plan, steady, gemm);
  }

  private cublasLtMatmulHeuristicResult_t faster(
      ProductPlan plan, cublasLtMatmulHeuristicResult_t steady, Gemm gemm) {
    List<cublasLtMatmulHeuristicResult_t> choices = gemm.algorithms.choices(plan, false, CHOICES);
    if (isSame(choices.get(0), steady)) {
      return steady;
    }
    try (BitProbe probe = new BitProbe(plan, steady, gemm)) {
      for (cublasLtMatmulHeuristicResult_t choice : choices) {
        if (isSame(choice, steady)) {
          return steady;
        }
        if (probe.agrees(choice)) {
          own++;
          return choice;
        }
      }
    } catch (CudaException e) {
      log.debug("no algorithms are tried for {}: {}", plan.shape, e.getMessage());
    }
    return steady;
  }

  private static boolean isSame(
      cublasLtMatmulHeuristicResult_t a, cublasLtMatmulHeuristicResult_t b) {
    boolean same = true;
    for (int i = 0; i < 8; i++) { // as long as the type is
      same &= a.algo().data(i) == b.algo().data(i);
    }
    return same;
  }
}
