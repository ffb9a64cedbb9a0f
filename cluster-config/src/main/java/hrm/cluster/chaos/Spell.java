package hrm.cluster.chaos;

import hrm.cluster.chaos.Timeline.Mark;
import hrm.cluster.chaos.Timeline.What;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A stretch of time in which something was so for a part of the fleet, in seconds.
 *
 * @param other the node at the other end of a cut link, otherwise empty
 */
record Spell(State state, double from, double until, String other) {
  enum State {
    SERVING,
    /** Started, and not serving yet. */
    STARTING,
    FROZEN,
    /** Cut off from another node, whatever else it is. */
    CUT
  }

  /**
   * In the order in which they ended; where there is none but CUT the part was down.
   *
   * @param marks in the order of time; at 0 everything serves
   * @param end of all
   */
  static List<Spell> of(String part, List<Mark> marks, double end) {
    List<Spell> spells = new ArrayList<>();
    State state = State.SERVING;
    double since = 0;
    for (Mark mark : marks) {
      if (mark.what() == What.CUT && mark.concerns(part)) {
        String other = mark.part().equals(part) ? mark.detail() : mark.part();
        spells.add(
            new Spell(State.CUT, mark.at(), over(mark, marks).map(Mark::at).orElse(end), other));
      } else if (mark.part().equals(part) && !mark.isLink()) {
        if (state != null) {
          spells.add(new Spell(state, since, mark.at(), ""));
        }
        state = after(mark, state);
        since = mark.at();
      }
    }
    if (state != null) {
      spells.add(new Spell(state, since, end, ""));
    }
    return spells;
  }

  /** Null: it is down. */
  private static State after(Mark mark, State before) {
    return switch (mark.what()) {
      case READY, THAWED -> State.SERVING;
      case STARTED -> State.STARTING;
      case FROZEN -> State.FROZEN;
      case KILLED, ENDED -> null;
      default -> before;
    };
  }

  /** What ended the loss, the freeze or the cut that a mark tells of; empty: nothing did. */
  static Optional<Mark> over(Mark mark, List<Mark> marks) {
    return marks.stream().filter(next -> next.at() > mark.at() && ends(next, mark)).findFirst();
  }

  private static boolean ends(Mark next, Mark mark) {
    if (mark.isLink()) {
      return next.what() == What.HEALED
          && next.concerns(mark.part())
          && next.concerns(mark.detail());
    }
    boolean mends = mark.isLoss() ? next.what() == What.READY : next.what() == What.THAWED;
    return next.part().equals(mark.part()) && (mends || next.isLoss());
  }
}
