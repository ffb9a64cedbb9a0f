package hrm.actors;

/**
 * Where a job's trace stands when a message is sent; what the receiver needs to go on with it.
 *
 * @param run of the attempt: see TraceEvent
 * @param hand of the planner that sends or receives the message: see TraceEvent
 * @param sequence Lamport number of the sending
 * @param id of the message
 * @param row of the job in the lane; 0 outside lanes
 * @param segment in which the job thinks, from 1; 0 outside a cycle, as cycle
 * @param retry how often the same cycle had been sent before
 */
record TraceContext(
    String jobId,
    int attempt,
    long run,
    int hand,
    int sequence,
    String id,
    int row,
    int segment,
    int cycle,
    int retry) {

  boolean isOf(JobTrace trace) {
    return trace.on()
        && trace.hand == hand
        && trace.run == run
        && trace.attempt == attempt
        && trace.jobId.equals(jobId);
  }

  /** Of an answer: sent under this number, and this id. */
  TraceContext answer(int sequence, String id) {
    return new TraceContext(jobId, attempt, run, hand, sequence, id, row, segment, cycle, retry);
  }
}
