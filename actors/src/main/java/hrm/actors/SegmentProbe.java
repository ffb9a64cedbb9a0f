package hrm.actors;

import hrm.model.Carry;
import hrm.model.Heads;
import java.util.List;

/** Sees a lane after each segment, before anybody halts. The carry is lent for the call. */
@FunctionalInterface
interface SegmentProbe {
  SegmentProbe NONE = (slots, carry, heads) -> {};

  void segment(List<Slot> slots, Carry carry, Heads heads);
}
