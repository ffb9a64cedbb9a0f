package hrm.cluster.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** What happened in the course of a {@link Chaos}, in seconds since its first job. Thread-safe. */
final class Timeline {
  /** Something that happened to a node, or to the broker. */
  record Mark(double at, String part, String what) {}

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

  synchronized void mark(String part, String what) {
    marks.add(new Mark(now(), part, what));
    say.accept("%7.1f s  %-10s %s".formatted(now(), part, what));
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

  synchronized boolean anyMark(String part, double since) {
    return marks.stream().anyMatch(m -> m.part().equals(part) && m.at() > since);
  }

  /** Of nodes, by SIGKILL. */
  synchronized long kills() {
    return marks.stream()
        .filter(m -> m.what().equals("killed") && !m.part().equals("broker"))
        .count();
  }
}
