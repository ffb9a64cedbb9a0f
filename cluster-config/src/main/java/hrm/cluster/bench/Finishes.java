package hrm.cluster.bench;

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
   * Jobs a second between ramp-up and tail; of all of them when little would be left. It is the
   * slope of the line through all the finishes, because batches finish together and a window's
   * edges would cut one.
   *
   * @param first jobs to leave out, of those that finished first
   * @param last jobs to leave out, of those that finished last
   */
  double perSecond(int first, int last) {
    List<Double> sorted = new ArrayList<>(seconds);
    Collections.sort(sorted);
    boolean enough = sorted.size() >= 2 * (first + last);
    List<Double> steady = enough ? sorted.subList(first, sorted.size() - last) : sorted;
    double mean = steady.stream().mapToDouble(t -> t - sorted.get(0)).average().orElse(0);
    double covariance = 0;
    double variance = 0;
    for (int i = 0; i < steady.size(); i++) {
      double t = steady.get(i) - sorted.get(0) - mean;
      covariance += t * (i - (steady.size() - 1) / 2.0);
      variance += t * t;
    }
    return variance == 0 ? 0 : covariance / variance;
  }

  /** Share of the jobs of the node that had fewest. */
  double leastShare() {
    return (double) Collections.min(byNode.values()) / seconds.size();
  }

  double mostShare() {
    return (double) Collections.max(byNode.values()) / seconds.size();
  }
}
