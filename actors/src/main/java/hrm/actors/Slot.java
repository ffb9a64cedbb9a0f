package hrm.actors;

import hrm.actors.Protocol.Admit;
import java.time.Duration;
import java.time.Instant;

/** A job in its slot, and how far it has come. */
final class Slot {
  final Admit admit;
  final Task task;
  final Duration waited;
  final Instant admitted;
  final JobTrace trace;
  int steps;

  /**
   * @param waited from the job's arrival to its admission
   */
  Slot(Admit admit, Task task, Duration waited, Instant admitted, JobTrace trace) {
    this.admit = admit;
    this.task = task;
    this.waited = waited;
    this.admitted = admitted;
    this.trace = trace;
  }
}
