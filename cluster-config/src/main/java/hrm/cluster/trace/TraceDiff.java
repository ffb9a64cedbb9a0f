package hrm.cluster.trace;

import hrm.proto.Cycle;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Where two traces part. */
public final class TraceDiff {
  /**
   * The first difference of a kind.
   *
   * @param where "cycle 3 (segment 2, cycle 2)", "message 7"
   * @param what differs, and how
   */
  public record Divergence(String where, String what) {}

  private TraceDiff() {}

  /** The first difference in what was thought; empty when there is none. */
  public static Optional<Divergence> ofThoughts(TraceView a, TraceView b) {
    if (!a.board().puzzle().equals(b.board().puzzle())) {
      return Optional.of(new Divergence("the puzzle", "they are about different puzzles"));
    }
    int shared = Math.min(a.cycles().size(), b.cycles().size());
    for (int i = 0; i < shared; i++) {
      List<String> differences = differences(a.cycles().get(i), b.cycles().get(i));
      if (!differences.isEmpty()) {
        return Optional.of(
            new Divergence(place(a.cycles().get(i)), String.join("; ", differences)));
      }
    }
    if (a.cycles().size() != b.cycles().size()) {
      TraceView longer = a.cycles().size() > b.cycles().size() ? a : b;
      return Optional.of(
          new Divergence(
              place(longer.cycles().get(shared)),
              "only %s goes on, for %d cycles"
                  .formatted(longer == a ? "A" : "B", longer.cycles().size() - shared)));
    }
    return Optional.empty();
  }

  private static String place(CycleView cycle) {
    return "cycle %d (segment %d, cycle %d)"
        .formatted(cycle.index(), cycle.cycle().getSegment(), cycle.cycle().getCycle());
  }

  private static List<String> differences(CycleView left, CycleView right) {
    Cycle a = left.cycle();
    Cycle b = right.cycle();
    List<String> found = new ArrayList<>();
    if (a.getSegment() != b.getSegment() || a.getCycle() != b.getCycle()) {
      found.add("B is at segment %d, cycle %d".formatted(b.getSegment(), b.getCycle()));
    }
    if (!a.getZLResidualsList().equals(b.getZLResidualsList())) {
      found.add("z_L residuals %s / %s".formatted(a.getZLResidualsList(), b.getZLResidualsList()));
    }
    if (a.getZHResidual() != b.getZHResidual()) {
      found.add("z_H residual %s / %s".formatted(a.getZHResidual(), b.getZHResidual()));
    }
    int[] cellsA = left.cells();
    int[] cellsB = right.cells();
    if (cellsA.length != cellsB.length) {
      found.add("boards of %d / %d cells".formatted(cellsA.length, cellsB.length));
    } else {
      int[] differ =
          IntStream.range(0, cellsA.length).filter(i -> cellsA[i] != cellsB[i]).toArray();
      if (differ.length > 0) {
        found.add("%d cells of the board, first cell %d".formatted(differ.length, differ[0] + 1));
      }
    }
    return found;
  }

  /** The first difference in who told whom what; empty when there is none. */
  public static Optional<Divergence> ofMessages(TraceView a, TraceView b) {
    int shared = Math.min(a.messages().size(), b.messages().size());
    for (int i = 0; i < shared; i++) {
      String left = kind(a.messages().get(i));
      String right = kind(b.messages().get(i));
      if (!left.equals(right)) {
        return Optional.of(new Divergence("message " + (i + 1), left + " / " + right));
      }
    }
    return a.messages().size() == b.messages().size()
        ? Optional.empty()
        : Optional.of(
            new Divergence(
                "message " + (shared + 1),
                "%d / %d messages in all".formatted(a.messages().size(), b.messages().size())));
  }

  private static String kind(MessageView view) {
    return "%s of segment %d, cycle %d%s%s%s"
        .formatted(
            Escaped.of(view.message().getType()),
            view.message().getSegment(),
            view.message().getCycle(),
            view.message().getRetry() > 0 ? ", retry " + view.message().getRetry() : "",
            view.late() ? ", late" : "",
            view.lost() ? ", lost" : "");
  }
}
