package hrm.cluster.chaos;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;

/** What is done to a cluster and when, the same for the same seed. */
record ChaosPlan(List<Event> events) {
  enum Kind {
    /** SIGKILL of a node, which is then started anew. */
    KILL,
    /** SIGSTOP of a node for longer than every timeout, then SIGCONT. */
    FREEZE,
    /** SIGKILL of the broker, which is then started anew. */
    BROKER,
    /** Nothing gets through between two nodes, then everything does again. */
    CUT
  }

  /**
   * @param at seconds after the first job
   * @param node number of a node; none for BROKER
   * @param other the other end of a CUT
   * @param seconds that a FREEZE or a CUT lasts
   */
  record Event(double at, Kind kind, int node, int other, double seconds) {}

  private static final double GAP = 6; // seconds between two events, on average
  private static final double FREEZE = 25; // sessions end after 6 s, downing after 12 s
  private static final double CUT = 15;

  static ChaosPlan of(long seed, int nodes, int kills, int freezes, int brokers, int cuts) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Kind> kinds = new ArrayList<>();
    add(kinds, Kind.KILL, kills);
    add(kinds, Kind.FREEZE, freezes);
    add(kinds, Kind.BROKER, brokers);
    add(kinds, Kind.CUT, cuts);
    for (int i = kinds.size() - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      Kind kind = kinds.get(i);
      kinds.set(i, kinds.get(j));
      kinds.set(j, kind);
    }
    List<Event> events = new ArrayList<>();
    double at = 3;
    for (Kind kind : kinds) {
      int node = random.nextInt(nodes);
      int other = (node + 1 + random.nextInt(nodes - 1)) % nodes;
      double length = kind == Kind.FREEZE ? FREEZE : kind == Kind.CUT ? CUT : 0;
      events.add(new Event(at, kind, node, other, length * (1 + random.nextDouble() / 2)));
      at += GAP * (0.5 + random.nextDouble());
    }
    return new ChaosPlan(List.copyOf(events));
  }

  private static void add(List<Kind> kinds, Kind kind, int count) {
    for (int i = 0; i < count; i++) {
      kinds.add(kind);
    }
  }

  /** Seconds until everything that is done is undone. */
  double seconds() {
    return events.stream().mapToDouble(e -> e.at() + e.seconds()).max().orElse(0);
  }

  long count(Kind kind) {
    return events.stream().filter(e -> e.kind() == kind).count();
  }

  /** In the order of time. */
  ChaosPlan {
    events = events.stream().sorted(Comparator.comparingDouble(Event::at)).toList();
  }
}
