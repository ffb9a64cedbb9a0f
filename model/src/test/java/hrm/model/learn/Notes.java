package hrm.model.learn;

import java.util.ArrayList;
import java.util.List;

/** Keeps what a run says to a person. */
final class Notes implements Training.Listener {
  final List<String> notes = new ArrayList<>();
  final List<Boolean> best = new ArrayList<>(); // of the evaluations

  @Override
  public void progress(Training.Progress progress) {}

  @Override
  public void evaluated(int step, double seconds, Evaluation evaluation, boolean isBest) {
    best.add(isBest);
  }

  @Override
  public void note(String text) {
    notes.add(text);
  }

  boolean say(String part) {
    return notes.stream().anyMatch(note -> note.contains(part));
  }
}
