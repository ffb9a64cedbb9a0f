package hrm.actors;

import hrm.actors.Protocol.Admit;
import hrm.actors.Protocol.Progress;
import java.time.Duration;
import java.time.Instant;

/** A job in its slot, and how far it has come. */
final class Slot {
  final Admit admit;
  final Task task;
  final Duration waited;
  final Instant admitted;
  final JobTrace trace;
  final Object enlistment;
  int steps;

  /**
   * @param waited from the job's arrival to its admission
   * @param enlistment of the dispatcher, under which the job came
   */
  Slot(
      Admit admit,
      Task task,
      Duration waited,
      Instant admitted,
      JobTrace trace,
      Object enlistment) {
    this.admit = admit;
    this.task = task;
    this.waited = waited;
    this.admitted = admitted;
    this.trace = trace;
    this.enlistment = enlistment;
    this.steps = admit.resume().map(Progress::segments).orElse(0);
  }
}
