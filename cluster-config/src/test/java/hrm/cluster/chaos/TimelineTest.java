package hrm.cluster.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.cluster.chaos.Timeline.What;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is remembered of a run of chaos. */
class TimelineTest {
  private final List<String> said = new ArrayList<>();
  private final Timeline timeline = new Timeline(said::add);

  /** A node that ends right after it was cut off has ended by itself, and says why. */
  @Test
  void killed_isWhoWasKilledLast_whateverHappensToItsLinks() {
    timeline.mark("solver-1", What.CUT, "solver-2");
    assertFalse(timeline.killed("solver-1"));
    timeline.mark("solver-1", What.KILLED);
    timeline.mark("solver-1", What.HEALED, "solver-2");
    assertTrue(timeline.killed("solver-1"));
    assertFalse(timeline.killed("solver-2"));
    timeline.mark("solver-1", What.STARTED);
    assertFalse(timeline.killed("solver-1"));
  }

  @Test
  void mark_isSaid_asItReads() {
    timeline.mark("solver-1", What.CUT, "solver-2");
    timeline.mark("solver-1", What.HEALED, "solver-2");
    timeline.mark("solver-2", What.ENDED, "100% full");
    assertEquals(
        List.of(
            "solver-1   cut off from solver-2",
            "solver-1   reaches solver-2 again",
            "solver-2   ended by itself: 100% full"),
        said.stream().map(line -> line.replaceFirst("^ *[\\d.]+ s  ", "")).toList());
  }
}
