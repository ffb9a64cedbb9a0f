package hrm.cluster.chaos;

import hrm.cluster.chaos.Timeline.What;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Starts a fleet's node anew a second after it has ended, for whatever reason. */
final class Supervisor {
  private static final double RESTART_DELAY = 1;

  private final Fleet fleet;
  private final Timeline timeline;
  private final Map<String, Double> ended = new HashMap<>(); // node, since when
  private final Set<String> starting = new TreeSet<>();
  private double quietSince;
  private int restarts;

  Supervisor(Fleet fleet, Timeline timeline) {
    this.fleet = fleet;
    this.timeline = timeline;
  }

  /**
   * To be called again and again.
   *
   * @param disturbed whether something else is wrong now
   */
  void look(boolean disturbed) throws IOException {
    boolean quiet = !disturbed;
    for (String node : fleet.names()) {
      if (fleet.isAlive(node)) {
        boolean ready = fleet.isReady(node);
        quiet &= ready;
        if (ready && starting.remove(node)) {
          timeline.mark(node, What.READY);
        }
      } else {
        quiet = false;
        revive(node);
      }
    }
    quietSince = quiet ? quietSince : timeline.now();
  }

  private void revive(String node) throws IOException {
    double now = timeline.now();
    if (!ended.containsKey(node)) {
      ended.put(node, now);
      if (!timeline.killed(node)) {
        timeline.mark(node, What.ENDED, fleet.whyEnded(node));
      }
    } else if (now - ended.get(node) > RESTART_DELAY) {
      ended.remove(node);
      fleet.start(node);
      restarts++;
      starting.add(node);
      timeline.mark(node, What.STARTED);
    }
  }

  /** Since when every node has been ready. */
  double quietSince() {
    return quietSince;
  }

  int restarts() {
    return restarts;
  }
}
