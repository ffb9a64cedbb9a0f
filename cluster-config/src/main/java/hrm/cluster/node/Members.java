package hrm.cluster.node;

import akka.cluster.Member;
import akka.cluster.MemberStatus;
import akka.cluster.typed.Cluster;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The cluster's members as one node sees them. */
final class Members {
  private static final List<MemberStatus> ALL =
      List.of(
          MemberStatus.joining(),
          MemberStatus.weaklyUp(),
          MemberStatus.up(),
          MemberStatus.leaving(),
          MemberStatus.exiting(),
          MemberStatus.down());

  private Members() {}

  /** How many there are of each status, and how many of all cannot be reached. */
  static Map<String, Integer> byStatus(Cluster cluster) {
    Map<String, Integer> counts = new TreeMap<>();
    ALL.forEach(status -> counts.put(text(status), 0));
    for (Member member : cluster.state().getMembers()) {
      counts.computeIfPresent(text(member.status()), (status, count) -> count + 1);
    }
    counts.put("unreachable", cluster.state().getUnreachable().size());
    return counts;
  }

  private static String text(MemberStatus status) {
    return status.toString().toLowerCase(Locale.ROOT);
  }
}
