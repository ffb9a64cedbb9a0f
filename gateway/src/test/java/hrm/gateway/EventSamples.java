package hrm.gateway;

import com.google.protobuf.Timestamp;
import hrm.proto.Admitted;
import hrm.proto.HaltReason;
import hrm.proto.Halted;
import hrm.proto.TraceEvent;

/** Events of a job's first attempt, one second after the other. */
final class EventSamples {
  private EventSamples() {}

  static TraceEvent.Builder event(String id, int sequence) {
    return TraceEvent.newBuilder()
        .setJobId(id)
        .setAttempt(1)
        .setSequence(sequence)
        .setNode("akka://hrm@a:1")
        .setAt(Timestamp.newBuilder().setSeconds(1000 + sequence));
  }

  static TraceEvent.Builder admitted(String id, int sequence) {
    return event(id, sequence)
        .setHand(1)
        .setNode("akka://hrm@b:1")
        .setAdmitted(Admitted.newBuilder().setModel("m").setKind("sudoku-4x4"));
  }

  static TraceEvent.Builder halted(String id, int sequence) {
    return event(id, sequence)
        .setHand(1)
        .setHalted(
            Halted.newBuilder()
                .setReason(HaltReason.HALTED_VERIFIED)
                .setSegments(3)
                .setSolved(true));
  }
}
