package hrm.cluster.trace;

/** Missing sequence numbers, both ends included. */
public record Gap(int from, int to) {
  boolean holds(int sequence) {
    return from <= sequence && sequence <= to;
  }
}
