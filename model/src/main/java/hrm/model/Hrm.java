package hrm.model;

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

  /** One ACT segment: H_cycles x (L_cycles x L, then H), then the heads. */
  public Segment segment(Carry carry, HiddenState inputs) {
    return segment(carry, inputs, (ticks, before, after) -> {});
  }

  public Segment segment(Carry carry, HiddenState inputs, Observer observer) {
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
    return new Segment(new Carry(zH, zL), high.heads(zH));
  }
}
