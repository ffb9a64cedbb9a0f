package hrm.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The model as one sequential function: what planner and workers compute together by messages. The
 * actors must equal it bit for bit after every segment.
 */
public final class Hrm {
  private final HighLevel high;
  private final LowLevel low;
  private final HrmConfig c;

  public Hrm(HighLevel high, LowLevel low, HrmConfig c) {
    this.high = high;
    this.low = low;
    this.c = c;
  }

  /** The carry after one segment and what the heads read from it. */
  public record Segment(Carry carry, Heads heads) {}

  /** What is told of every cycle while a segment runs. */
  public interface Observer {
    void cycle(LowLevel.Ticks ticks, HiddenState zHBefore, HiddenState zHAfter);
  }

  /**
   * A segment, and how far its steps went.
   *
   * @param zL [tick][row]: norms of z_L's change, H_cycles x L_cycles ticks
   * @param zH [cycle][row]
   */
  public record Traced(Segment segment, float[][] zL, float[][] zH) {}

  /**
   * One ACT segment: H_cycles x (L_cycles x L, then H), then the heads. The arguments stay
   * untouched.
   *
   * @param carry (B, S, D) each
   * @param inputs (B, S, D), from {@link HighLevel#embed}
   */
  public Segment segment(Carry carry, HiddenState inputs) {
    return segment(carry, inputs, (ticks, before, after) -> {});
  }

  /**
   * As {@link #segment(Carry, HiddenState)}.
   *
   * @param observer told of each cycle at its end. A cycle's new states are closed once it has been
   *     told of the next one; the last one's are the new carry
   */
  public Segment segment(Carry carry, HiddenState inputs, Observer observer) {
    Carry thought = think(carry, inputs, observer);
    return new Segment(thought, high.heads(thought.zH()));
  }

  /** One ACT segment with its residuals, which come with what the heads read. */
  public Traced traced(Carry carry, HiddenState inputs) {
    List<LowLevel.Ticks> ticks = new ArrayList<>();
    List<HiddenState> zH = new ArrayList<>(List.of(carry.zH()));
    Carry thought =
        think(
            carry,
            inputs,
            (some, before, after) -> {
              ticks.add(some);
              zH.add(after);
            });
    Segment segment = new Segment(thought, high.heads(thought.zH(), ticks));
    float[][] steps = new float[c.hCycles()][];
    for (int cycle = 0; cycle < steps.length; cycle++) {
      steps[cycle] = high.residuals(zH.get(cycle), zH.get(cycle + 1));
    }
    float[][] low =
        ticks.stream().flatMap(some -> Arrays.stream(some.residuals())).toArray(float[][]::new);
    return new Traced(segment, low, steps);
  }

  private Carry think(Carry carry, HiddenState inputs, Observer observer) {
    HiddenState zH = carry.zH();
    HiddenState zL = carry.zL();
    for (int cycle = 0; cycle < c.hCycles(); cycle++) {
      HiddenState inputInjection = high.inputInjection(zH, inputs);
      LowLevel.Ticks ticks = low.cycle(zL, inputInjection);
      inputInjection.close();
      HiddenState nextH = high.step(zH, ticks.zL());
      observer.cycle(ticks, zH, nextH);
      if (cycle > 0) {
        zH.close();
        zL.close();
      }
      zH = nextH;
      zL = ticks.zL();
    }
    return new Carry(zH, zL);
  }
}
