package hrm.actors;

import hrm.actors.Protocol.Progress;
import hrm.actors.Protocol.Submit;
import java.time.Instant;
import java.util.Optional;

/** A submitted job until it is answered; told apart by identity. */
final class Job {
  final Submit submit;
  final Instant arrived; // by a clock that nobody sets
  final JobTrace trace;
  Instant waits; // since when, while it waits, by the same
  int handed = 0;
  Optional<Progress> reached = Optional.empty();

  Job(Submit submit, Instant arrived, JobTrace trace) {
    this.submit = submit;
    this.arrived = arrived;
    this.waits = arrived;
    this.trace = trace;
  }

  /** The identity of the model that takes it. */
  String model() {
    return submit.task().model().identity();
  }
}
