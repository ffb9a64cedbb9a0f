package hrm.cluster.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** What happened in the course of a {@link Chaos}, in seconds since its first job. Thread-safe. */
final class Timeline {
  enum What {
    STARTED("started"),
    READY("ready"),
    /** By SIGKILL. */
    KILLED("killed"),
    /** Without having been told to; the detail says what is known of why. */
    ENDED("ended by itself: %s"),
    FROZEN("frozen"),
    THAWED("thawed"),
    /** The detail is the node at the other end of the link. */
    CUT("cut off from %s"),
    /** Likewise. */
    HEALED("reaches %s again"),
    /** The detail is all that there is to say. */
    NOTE("%s");

    final String words;

    What(String words) {
      this.words = words;
    }
  }

  /**
   * Something that happened to a node, to the broker, or to the jobs.
   *
   * @param detail empty where there is none
   */
  record Mark(double at, String part, What what, String detail) {
    String text() {
      return what.words.formatted(detail);
    }

    /** Whether it happened to this part, at whichever end of a link. */
    boolean concerns(String other) {
      return part.equals(other) || isLink() && detail.equals(other);
    }

    boolean isLink() {
      return what == What.CUT || what == What.HEALED;
    }

    boolean isLoss() {
      return what == What.KILLED || what == What.ENDED;
    }
  }

  private final List<Mark> marks = new ArrayList<>();
  private final List<Double> answers = new ArrayList<>();
  private final Consumer<String> say;
  private long began = System.nanoTime();

  /**
   * @param say is told every mark as it is made
   */
  Timeline(Consumer<String> say) {
    this.say = say;
  }

  synchronized void begin() {
    began = System.nanoTime();
  }

  synchronized double now() {
    return (System.nanoTime() - began) / 1e9;
  }

  void mark(String part, What what) {
    mark(part, what, "");
  }

  synchronized void mark(String part, What what, String detail) {
    Mark mark = new Mark(now(), part, what, detail);
    marks.add(mark);
    say.accept("%7.1f s  %-10s %s".formatted(mark.at(), part, mark.text()));
  }

  synchronized void answered() {
    answers.add(now());
  }

  synchronized List<Mark> marks() {
    return List.copyOf(marks);
  }

  /** When each answer came. */
  synchronized List<Double> answers() {
    return List.copyOf(answers);
  }

  /** Whether the last that happened to this part itself was a SIGKILL. */
  synchronized boolean killed(String part) {
    return marks.stream()
        .filter(m -> m.part().equals(part) && !m.isLink())
        .reduce((first, second) -> second)
        .map(m -> m.what() == What.KILLED)
        .orElse(false);
  }

  /** Of nodes, by SIGKILL. */
  synchronized long kills() {
    return marks.stream()
        .filter(m -> m.what() == What.KILLED && !m.part().equals("broker"))
        .count();
  }
}
