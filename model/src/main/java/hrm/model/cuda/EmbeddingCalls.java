package hrm.model.cuda;

import static hrm.model.cuda.GpuBlock.of;
import static hrm.model.cuda.Operands.check;
import static hrm.model.cuda.Operands.width;

import hrm.model.Block;
import hrm.model.host.HostKernels.Look;
import java.util.Arrays;

/**
 * Calls of embedding.cu: look-up of tokens and puzzles, the tables' gradients, the puzzles' step.
 */
final class EmbeddingCalls {
  private static final String SOURCE = "embedding";
  private static final int MOST_PARTS = 64; // of a batch, for the sums of one token

  private final GpuMemory memory;
  private final Launch launch;
  private final RowNumbers numbers;
  private GpuBlock sums; // float32: of each part of the batch

  EmbeddingCalls(GpuMemory memory, Launch launch, RowNumbers numbers) {
    this.memory = memory;
    this.launch = launch;
    this.numbers = numbers;
  }

  void embed(Block tokens, Block puzzles, Block positions, int[] ids, Block y, Look s) {
    Storage type = of(y).storage;
    long rows = (long) s.batch() * (s.prefix() + s.length());
    check("embed", y, rows * s.d());
    checkIds(ids, s);
    int width = width(type, s.d(), y);
    GpuBlock rowsOfTokens = numbers.bring(ids);
    launch.of(SOURCE, type.kernel("embed", width)).in(tokens).in(puzzles).in(positions);
    launch.in(rowsOfTokens).out(y).number(s.length()).number(s.prefix()).number(s.d());
    launch.number((float) Math.sqrt(s.d())).blocks(rows, s.d(), width);
  }

  void embedBackward(Block dy, int[] ids, Block dTokens, Block dPositions, Look s, float scale) {
    Storage type = of(dy).storage;
    checkIds(ids, s);
    int perPart = Math.max(1, (s.batch() + MOST_PARTS - 1) / MOST_PARTS);
    int parts = (s.batch() + perPart - 1) / perPart;
    GpuBlock rowsOfTokens = numbers.bring(ids);
    sums = memory.scratch(sums, (long) parts * s.vocab() * s.d());
    launch.of(SOURCE, type.kernel("token_gradients", 1)).in(dy).in(rowsOfTokens).out(sums);
    launch.number(s.batch()).number(perPart).number(s.length()).number(s.prefix()).number(s.d());
    launch.run(s.vocab(), parts, 1, Launch.rowThreads(s.d(), 1));
    sumRows(sums, dTokens, (long) s.vocab() * s.d(), parts, scale);
    if (dPositions != null) {
      long n = (long) (s.prefix() + s.length()) * s.d();
      sumRows(dy, dPositions, n, s.batch(), scale);
    }
  }

  private void sumRows(Block x, Block y, long n, int count, float scale) {
    launch.of(SOURCE, of(x).storage.kernel("sum_rows", 1)).in(x).out(y);
    launch.number(n).number(count).number(scale).overElements(n, 1);
  }

  void signSgd(Block table, int[] ids, Block gradient, int width, int n, float lr, float decay) {
    check("signSgd", gradient, (long) ids.length * width);
    check("signSgd", table, (Arrays.stream(ids).max().orElse(-1) + 1L) * width);
    int[] rows = Arrays.stream(ids).distinct().toArray();
    GpuBlock plan = numbers.bring(plan(ids, rows));
    launch.of(SOURCE, of(gradient).storage.kernel("sign_sgd", 1)).out(table).in(gradient).in(plan);
    launch.number(rows.length).number(width).number(n).number((float) (1 - (double) lr * decay));
    launch.number(lr).blocks(rows.length, n, 1);
  }

  /** The rows, where each one's members begin and the last one's end, and the members. */
  private static int[] plan(int[] ids, int[] rows) {
    int[] plan = new int[2 * rows.length + 1 + ids.length];
    System.arraycopy(rows, 0, plan, 0, rows.length);
    int members = 2 * rows.length + 1;
    int at = 0;
    for (int i = 0; i < rows.length; i++) {
      plan[rows.length + i] = at;
      for (int b = 0; b < ids.length; b++) {
        if (ids[b] == rows[i]) {
          plan[members + at++] = b;
        }
      }
    }
    plan[2 * rows.length] = at;
    return plan;
  }

  private static void checkIds(int[] ids, Look s) {
    for (int id : ids) {
      if (id < 0 || id >= s.vocab()) {
        throw new IllegalArgumentException(
            "token %d is none of the %d in the vocabulary".formatted(id, s.vocab()));
      }
    }
  }
}
