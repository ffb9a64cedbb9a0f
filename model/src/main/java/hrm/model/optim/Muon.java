package hrm.model.optim;

import hrm.model.Block;
import hrm.model.Kernels;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Muon (Jordan et al. 2024, kellerjordan.github.io/posts/muon): Nesterov momentum, made nearly
 * orthogonal by five Newton-Schulz steps, times sqrt(max(1, rows / columns)).
 */
final class Muon implements Optimizer {
  private static final int STEPS = 5;
  // Coefficients of the quintic that pulls every singular value into about [0.7, 1.2].
  private static final float A = 3.4445f;
  private static final float B = -4.7750f;
  private static final float C = 2.0315f;
  private static final float EPS = 1e-7f;

  private final Options o;
  private final List<Parameter> parameters;
  private final Kernels k;
  private final Map<String, Block> momenta = new LinkedHashMap<>();
  private final Block next; // X of the next Newton-Schulz step
  private final Block gram; // X Xᵀ or Xᵀ X, whichever is smaller
  private final Block gram2;

  Muon(Options o, List<Parameter> parameters, Kernels k) {
    this.o = o;
    this.parameters = parameters;
    this.k = k;
    int size = parameters.stream().mapToInt(Parameter::size).max().orElse(1);
    int side = parameters.stream().mapToInt(p -> Math.min(p.rows(), p.columns())).max().orElse(1);
    this.next = k.allocate(size);
    this.gram = k.allocate((long) side * side);
    this.gram2 = k.allocate((long) side * side);
    for (Parameter p : parameters) {
      momenta.put("m/" + p.name(), k.allocate(p.size()));
    }
  }

  @Override
  public void step(Rates rates, int t) {
    float beta = (float) o.momentum();
    for (Parameter p : parameters) {
      Block m = momenta.get("m/" + p.name());
      Block g = p.gradient();
      k.average(g, m, p.size(), beta); // m = beta m + (1 - beta) g
      k.average(m, g, p.size(), 1 - beta); // g = (1 - beta) g + beta m: Nesterov
      Block x = orthogonalised(g, p.rows(), p.columns());
      double shape = Math.sqrt(Math.max(1, (double) p.rows() / p.columns()));
      k.blend(
          x,
          p.value(),
          p.size(),
          (float) (-rates.lr() * shape),
          (float) (1 - rates.lr() * o.weightDecay()));
    }
  }

  /** About U Vᵀ of g = U S Vᵀ; the result stands in g or in {@link #next}. */
  private Block orthogonalised(Block g, int rows, int columns) {
    int n = rows * columns;
    k.normalise(g, n, EPS);
    boolean wide = rows <= columns;
    int side = Math.min(rows, columns);
    Block x = g;
    Block y = next;
    for (int i = 0; i < STEPS; i++) {
      if (wide) {
        k.linear(x, x, gram, 1, rows, columns, rows); // X Xᵀ
      } else {
        k.fill(gram, side * side, 0);
        k.linearBackwardWeight(x, x, gram, rows, columns, columns); // Xᵀ X
      }
      k.linear(gram, gram, gram2, 1, side, side, side); // G G, since G is symmetric
      k.blend(gram, gram2, side * side, B, C); // b G + c G²
      k.copy(x, y, n);
      k.blend(x, y, n, 0, A);
      if (wide) {
        k.linearBackwardInput(gram2, x, y, rows, columns, rows, true); // a X + P X
      } else {
        k.linearBackwardInput(x, gram2, y, rows, columns, columns, true); // a X + X P
      }
      Block swap = x;
      x = y;
      y = swap;
    }
    return x;
  }

  @Override
  public Map<String, Block> state() {
    return momenta;
  }
}
