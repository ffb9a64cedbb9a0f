package hrm.cluster.trace;

/**
 * Missing sequence numbers, both ends included.
 *
 * @param hand of the planner whose numbers they are: another may have used the same
 */
public record Gap(int hand, int from, int to) {
  boolean holds(int hand, int sequence) {
    return hand == this.hand && from <= sequence && sequence <= to;
  }
}
