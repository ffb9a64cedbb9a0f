package hrm.cluster.trace;

import hrm.proto.Cycle;
import hrm.proto.Segment;
import hrm.proto.TraceEvent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A cycle, and what the board had become after it.
 *
 * @param index among the attempt's cycles, from 0
 * @param changed cells since the cycle before, ascending; empty for the first
 * @param conflicts cells that break the rules or a given, ascending
 * @param heads what was read from them, on the last cycle of a segment
 */
public record CycleView(
    int index,
    TraceEvent event,
    List<Integer> changed,
    List<Integer> conflicts,
    Optional<Segment> heads) {
  public Cycle cycle() {
    return event.getCycle();
  }

  /** One number a cell: characters of the text, or tokens where there is none. */
  int[] cells() {
    Cycle cycle = cycle();
    return cycle.getBoard().isEmpty()
        ? cycle.getTokensList().stream().mapToInt(Integer::intValue).toArray()
        : cycle.getBoard().chars().toArray();
  }

  private record Place(int hand, int segment) {}

  static List<CycleView> of(Attempt attempt, BoardView board) {
    Map<Place, Segment> heads = new HashMap<>();
    Map<Place, Integer> lastCycle = new HashMap<>();
    List<TraceEvent> events = new ArrayList<>();
    Set<List<Integer>> seen = new HashSet<>();
    for (TraceEvent event : attempt.events()) {
      if (event.hasSegment()) {
        heads.put(new Place(event.getHand(), event.getSegment().getSegment()), event.getSegment());
      } else if (event.hasCycle()) {
        Cycle cycle = event.getCycle();
        if (seen.add(List.of(event.getHand(), cycle.getSegment(), cycle.getCycle()))) {
          lastCycle.put(new Place(event.getHand(), cycle.getSegment()), events.size());
          events.add(event);
        }
      }
    }
    List<CycleView> cycles = new ArrayList<>();
    int[] before = new int[0];
    for (int i = 0; i < events.size(); i++) {
      TraceEvent event = events.get(i);
      Place place = new Place(event.getHand(), event.getCycle().getSegment());
      CycleView bare = new CycleView(i, event, List.of(), List.of(), Optional.empty());
      int[] now = bare.cells();
      cycles.add(
          new CycleView(
              i,
              event,
              changed(before, now),
              board.conflicts(event.getCycle().getBoard()),
              lastCycle.get(place) == i
                  ? Optional.ofNullable(heads.get(place))
                  : Optional.empty()));
      before = now.length > 0 ? now : before;
    }
    return cycles;
  }

  /**
   * Those that led to where the thinking stands: of what a lost planner thought only as much as the
   * next one went on from.
   */
  static List<CycleView> line(List<CycleView> cycles, Attempt attempt) {
    List<CycleView> line = new ArrayList<>();
    int hand = 0;
    for (CycleView cycle : cycles) {
      int own = cycle.event().getHand();
      if (own != hand) {
        hand = own;
        int kept =
            attempt
                .last(event -> event.hasAdmitted() && event.getHand() == own)
                .map(event -> event.getAdmitted().getResumedSegments())
                .orElse(cycle.cycle().getSegment() - 1);
        line.removeIf(earlier -> earlier.cycle().getSegment() > kept);
      }
      line.add(cycle);
    }
    return line;
  }

  private static List<Integer> changed(int[] before, int[] now) {
    return before.length != now.length || Arrays.equals(before, now)
        ? List.of()
        : IntStream.range(0, now.length).filter(i -> before[i] != now[i]).boxed().toList();
  }
}
