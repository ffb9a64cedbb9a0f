package hrm.cluster;

import hrm.proto.PuzzleResult;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** When each job of a run was finished, by its node's clock, and by which node. */
final class Finishes {
  private final List<Double> seconds = new ArrayList<>();
  private final Map<String, Integer> byNode = new HashMap<>();

  void add(PuzzleResult result) {
    seconds.add(result.getFinishedAt().getSeconds() + result.getFinishedAt().getNanos() / 1e9);
    byNode.merge(result.getNode(), 1, Integer::sum);
  }

  /**
   * Jobs a second between ramp-up and tail; of all of them when little would be left.
   *
   * @param first jobs to leave out, of those that finished first
   * @param last jobs to leave out, of those that finished last
   */
  double perSecond(int first, int last) {
    List<Double> sorted = new ArrayList<>(seconds);
    Collections.sort(sorted);
    boolean enough = sorted.size() >= 2 * (first + last);
    int from = enough ? first : 0;
    int to = sorted.size() - 1 - (enough ? last : 0);
    return (to - from) / (sorted.get(to) - sorted.get(from));
  }

  /** Share of the jobs of the node that had fewest. */
  double leastShare() {
    return (double) Collections.min(byNode.values()) / seconds.size();
  }

  double mostShare() {
    return (double) Collections.max(byNode.values()) / seconds.size();
  }
}
