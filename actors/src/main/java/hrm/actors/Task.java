package hrm.actors;

import hrm.model.HaltingPolicy;
import hrm.model.Model;
import hrm.proto.PuzzleJob;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A job that was checked against the model that takes it.
 *
 * @param job with its model's name and its puzzle as tokens, whatever it came with
 * @param tokens (seq_len), in the model's vocabulary
 * @param maxSegments at least 1
 */
record Task(
    PuzzleJob job,
    Model model,
    int[] tokens,
    HaltingPolicy policy,
    int maxSegments,
    Optional<Instant> deadline) {

  boolean expired(Instant now) {
    return deadline.filter(limit -> !now.isBefore(limit)).isPresent();
  }

  boolean solvedBy(int[] answer) {
    return model.puzzle().map(kind -> kind.solves(tokens, answer)).orElse(false);
  }

  /** A board as text; empty for puzzles without a text form. */
  String text(int[] board) {
    return model.puzzle().map(kind -> kind.text(board)).orElse("");
  }

  /** The puzzle as text, or as its tokens where it has no text form. */
  String puzzle() {
    return model.puzzle().isPresent()
        ? text(tokens)
        : Arrays.stream(tokens).mapToObj(Integer::toString).collect(Collectors.joining(" "));
  }
}
