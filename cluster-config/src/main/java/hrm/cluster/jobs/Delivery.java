package hrm.cluster.jobs;

import hrm.proto.JobFailure;
import hrm.proto.PuzzleJob;
import hrm.proto.PuzzleResult;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** What was sent in one run and what has come back of it. */
public final class Delivery {
  private final String run;
  private final Map<String, Puzzle> sent = new LinkedHashMap<>();
  private final Set<String> answered = new HashSet<>();
  private final Set<String> dead = new HashSet<>();
  private int duplicates;
  private int solved;
  private long segments;

  /**
   * @param run beginning of every job id, different in every run
   */
  public Delivery(String run) {
    this.run = run;
  }

  public static String newRun(String command) {
    return command + "-" + UUID.randomUUID().toString().substring(0, 13);
  }

  /** The same jobs, of which nothing has come back. */
  public Delivery again() {
    Delivery again = new Delivery(run);
    again.sent.putAll(sent);
    return again;
  }

  /** A job for a puzzle, with an id of its own. */
  public PuzzleJob.Builder job(Puzzle puzzle) {
    String id = "%s-%06d".formatted(run, sent.size() + 1);
    sent.put(id, puzzle);
    return PuzzleJob.newBuilder().setId(id).setText(puzzle.text());
  }

  /**
   * @return whether it is the first answer to a job of this run
   */
  public boolean answered(PuzzleResult result) {
    Puzzle puzzle = sent.get(result.getJobId());
    if (puzzle == null) {
      return false;
    }
    if (!answered.add(result.getJobId())) {
      duplicates++;
      return false;
    }
    segments += result.getSegments();
    solved += puzzle.solvedBy(result.getText()) ? 1 : 0;
    return true;
  }

  /**
   * @return whether it is the first dead letter of a job of this run
   */
  public boolean failed(JobFailure failure) {
    return sent.containsKey(failure.getJobId()) && dead.add(failure.getJobId());
  }

  Puzzle puzzle(PuzzleResult result) {
    return sent.get(result.getJobId());
  }

  public int jobs() {
    return sent.size();
  }

  /** Jobs with an answer. */
  public int results() {
    return answered.size();
  }

  /** Answers beyond the first, of all jobs. */
  public int duplicates() {
    return duplicates;
  }

  /** By the puzzles' own rules, whatever the result says. */
  public int solved() {
    return solved;
  }

  public int deadLettered() {
    return dead.size();
  }

  public double meanSegments() {
    return answered.isEmpty() ? 0 : (double) segments / answered.size();
  }

  /** Whether nothing more is expected. */
  public boolean complete() {
    return sent.keySet().stream().allMatch(id -> answered.contains(id) || dead.contains(id));
  }

  /** Whether every job has an answer, and one only. */
  public boolean exactlyOnce() {
    return duplicates == 0 && dead.isEmpty() && answered.size() == sent.size();
  }
}
