package hrm.actors;

import hrm.proto.WireProto;

/** {@link Trail}s as protobuf. */
final class WireTrails {
  private WireTrails() {}

  static WireProto.Trail proto(Trail trail) {
    WireProto.Trail.Builder proto =
        WireProto.Trail.newBuilder()
            .setSender(trail.sender())
            .setElsewhereNanos(trail.elsewhereNanos());
    for (TraceContext row : trail.rows()) {
      proto.addRows(
          WireProto.TraceContext.newBuilder()
              .setJobId(row.jobId())
              .setAttempt(row.attempt())
              .setRun(row.run())
              .setHand(row.hand())
              .setSequence(row.sequence())
              .setId(row.id())
              .setRow(row.row())
              .setSegment(row.segment())
              .setCycle(row.cycle())
              .setRetry(row.retry()));
    }
    return proto.build();
  }

  /** What a message is followed by, once it is known how long writing it took. */
  static WireProto.Trailer trailer(long nanos) {
    return WireProto.Trailer.newBuilder()
        .setTrail(WireProto.Trail.newBuilder().setSerialiseNanos(nanos))
        .build();
  }

  /**
   * A message on its way in.
   *
   * @param begun {@link System#nanoTime} when the transport gave its bytes
   */
  record Arrival(long begun, int bytes) {
    /** To be called when all else of the message has been read. */
    Trail trail(WireProto.Trail proto) {
      if (proto.getRowsCount() == 0) {
        return Trail.NONE;
      }
      long now = System.nanoTime();
      return new Trail(
          proto.getRowsList().stream().map(WireTrails::context).toList(),
          proto.getSender(),
          new Trail.Hop(now, bytes, proto.getSerialiseNanos(), now - begun),
          proto.getElsewhereNanos());
    }
  }

  private static TraceContext context(WireProto.TraceContext proto) {
    return new TraceContext(
        proto.getJobId(),
        proto.getAttempt(),
        proto.getRun(),
        proto.getHand(),
        proto.getSequence(),
        proto.getId(),
        proto.getRow(),
        proto.getSegment(),
        proto.getCycle(),
        proto.getRetry());
  }
}
