package hrm.model;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The planner's half of a model: H_level, embeddings and heads, resident on one device. One thread
 * at a time; arguments of every call stay untouched.
 */
public final class HighLevel implements AutoCloseable {
  private final HrmConfig c;
  private final Kernels k;
  private final Resident resident;
  private final Level level;
  private final Level.Buffers buffers;
  private final StatePool pool;
  private final Embedding embedding;
  private final LmHead lmHead;
  private final Block hInit; // (D)
  private final Block lInit; // (D)
  private final float[] puzzleTable; // (ids, ndim), or null
  private Block puzzles; // (B, P, D)
  private final Motions motions; // (B) each
  private final Deque<Step> steps = new ArrayDeque<>(); // whose motions may be held

  /** Closes the kernels in the end, and where there is no room for the weights. */
  HighLevel(HrmConfig c, Weights weights, Kernels k) {
    this.c = c;
    this.k = k;
    this.resident = new Resident(k, weights);
    try {
      this.level = new Level(c, "H_level", resident::get, Rope.table(k, c));
      this.embedding = new Embedding(c, k, resident::get);
      this.lmHead = new LmHead(c, k, resident::get);
      this.hInit = resident.get("H_init");
      this.lInit = resident.get("L_init");
    } catch (RuntimeException e) {
      resident.close();
      k.close();
      throw e;
    }
    this.buffers = level.buffers(k);
    this.motions = new Motions(k, c.hCycles());
    this.pool = new StatePool(k, c.sequence(), c.hiddenSize(), buffers);
    this.puzzleTable = c.puzzleEmbNdim() > 0 ? weights.get("puzzle_emb.weights") : null;
  }

  /**
   * Reseats a lane between segments: row i of the new carry is row {@code from[i]} of the old one,
   * or a fresh H_init, L_init where it is -1.
   *
   * @param carry the old carry; null when there is none
   */
  public Carry seat(Carry carry, int[] from) {
    HiddenState zH = seat(carry == null ? null : carry.zH(), hInit, from);
    try {
      return new Carry(zH, seat(carry == null ? null : carry.zL(), lInit, from));
    } catch (RuntimeException e) {
      zH.close();
      throw e;
    }
  }

  private HiddenState seat(HiddenState z, Block init, int[] from) {
    Block old = z == null ? null : z.block();
    int row = c.sequence() * c.hiddenSize();
    return filled(from.length, seated -> k.gather(old, from, init, seated, row));
  }

  /** A new state; the kernels that write it may need memory, too. */
  private HiddenState filled(int batch, Consumer<Block> writer) {
    return buffers.makingRoom(() -> pool.filled(batch, writer));
  }

  /** Input embeddings (B, S, D) of inputs (B)(seq_len) and their puzzle identifiers (B). */
  public HiddenState embed(int[][] inputs, int[] puzzleIdentifiers) {
    return filled(
        inputs.length,
        embedded -> {
          if (puzzleTable != null) {
            bringPuzzles(puzzleIdentifiers);
          }
          embedding.forward(inputs, puzzles, embedded);
        });
  }

  /** The puzzles' own vectors, zero-padded to whole positions. */
  private void bringPuzzles(int[] ids) {
    int ndim = c.puzzleEmbNdim();
    int wide = c.puzzleEmbLen() * c.hiddenSize();
    float[] rows = new float[ids.length * wide];
    for (int b = 0; b < ids.length; b++) {
      System.arraycopy(puzzleTable, ids[b] * ndim, rows, b * wide, ndim);
    }
    if (puzzles == null || puzzles.length() < rows.length) {
      if (puzzles != null) {
        puzzles.close();
        puzzles = null; // there may be no room for others
      }
      puzzles = k.allocate(rows.length);
    }
    puzzles.write(0, rows, 0, rows.length);
  }

  /** z_H + inputs (B, S, D): what every tick of the next cycle adds to z_L. */
  public HiddenState inputInjection(HiddenState zH, HiddenState inputs) {
    int n = zH.batch() * c.sequence() * c.hiddenSize();
    return filled(zH.batch(), sum -> k.add(zH.block(), inputs.block(), sum, n));
  }

  /**
   * The state itself, or a copy on this device of one that is packed.
   *
   * @throws IllegalArgumentException for a state of another model's shape
   */
  public HiddenState resident(HiddenState state) {
    return pool.resident(state);
  }

  /** Puts a job's packed rows (1, S, D) into a carry that nobody else reads yet. */
  public void restore(Carry carry, int row, Carry saved) {
    restore(carry.zH(), row, saved.zH());
    restore(carry.zL(), row, saved.zL());
  }

  private void restore(HiddenState z, int row, HiddenState saved) {
    int n = c.sequence() * c.hiddenSize();
    float[] values = new float[n];
    saved.block().read(0, values, 0, n);
    z.block().write((long) row * n, values, 0, n);
  }

  private record Step(HiddenState from, HiddenState to, Motions.Motion motion) {}

  /** One H step: z_H' = H_level(z_H, z_L). */
  public HiddenState step(HiddenState zH, HiddenState zL) {
    int batch = zH.batch();
    Motions.Motion motion = buffers.makingRoom(() -> motions.begin(batch));
    HiddenState next;
    try {
      next = pool.filled(batch, to -> step(zH.block(), zL.block(), to, motion, batch));
    } catch (RuntimeException e) {
      motions.drop(motion);
      throw e;
    }
    if (steps.size() == c.hCycles()) {
      steps.removeFirst();
    }
    steps.addLast(new Step(zH, next, motion));
    return next;
  }

  private void step(Block from, Block low, Block to, Motions.Motion motion, int batch) {
    Block moved = motion.block();
    k.replay(
        "H step, place " + motion.place,
        batch,
        new Block[] {from, low},
        new Block[] {to, moved},
        () -> level.step(buffers, from, low, to, moved, motion.at(), batch));
  }

  /** What the heads read from z_H (B, S, D) of this device; waits for it. */
  public Heads heads(HiddenState zH) {
    return read(zH, List.of());
  }

  private Heads read(HiddenState zH, List<Reading> more) {
    return buffers.makingRoom(() -> lmHead.read(zH.block(), zH.batch(), more));
  }

  /**
   * The heads, and with the same wait the residuals of these ticks and of this half's last steps,
   * as many as a segment has. Nobody else may use the half of the ticks meanwhile.
   */
  public Heads heads(HiddenState zH, List<LowLevel.Ticks> ticks) {
    Map<Motions, Reading> readings = new LinkedHashMap<>(); // those that are there first in front
    ticks.forEach(some -> readings.computeIfAbsent(some.motion().all(), Motions::reading));
    readings.computeIfAbsent(motions, Motions::reading);
    Heads heads = read(zH, List.copyOf(readings.values()));
    readings.forEach(Motions::arrived);
    return heads;
  }

  /** Frobenius norm of after - before, per row. */
  public float[] residuals(HiddenState before, HiddenState after) {
    for (Step step : steps) {
      if (step.from() == before && step.to() == after && !step.motion().isLost()) {
        return step.motion().values();
      }
    }
    float[] norms = new float[after.batch()];
    k.distances(after.block(), before.block(), norms, after.batch(), c.sequence() * c.hiddenSize());
    return norms;
  }

  /** Of these rows of a state of this device or a packed one, in their order. */
  public Fingerprint[] fingerprints(HiddenState z, int... rows) {
    int n = z.sequence() * z.hidden();
    return z.isPacked() ? Fingerprint.of(z.block(), rows, n) : k.fingerprints(z.block(), rows, n);
  }

  @Override
  public void close() {
    motions.close();
    pool.close();
    buffers.close();
    if (puzzles != null) {
      puzzles.close();
      puzzles = null;
    }
    resident.close();
    lmHead.close();
    k.close();
  }
}
