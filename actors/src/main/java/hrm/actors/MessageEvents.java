package hrm.actors;

import hrm.proto.Message;
import hrm.proto.Times;
import hrm.proto.TraceEvent;

/** Messages between actors, as trace events. */
final class MessageEvents {
  private MessageEvents() {}

  static Message.Builder sent(String type, TraceContext context, String sender, String receiver) {
    return message(Message.Step.SENT, type, context, sender, receiver);
  }

  /**
   * @param late nobody waited for it any more
   */
  static Message.Builder received(
      String type, TraceContext context, Trail trail, String receiver, boolean late) {
    return message(Message.Step.RECEIVED, type, context, trail.sender(), receiver)
        .setBytes(trail.hop().bytes())
        .setLate(late);
  }

  private static Message.Builder message(
      Message.Step step, String type, TraceContext context, String sender, String receiver) {
    return Message.newBuilder()
        .setType(type)
        .setId(context.id())
        .setStep(step)
        .setSender(sender)
        .setReceiver(receiver)
        .setSegment(context.segment())
        .setCycle(context.cycle())
        .setRetry(context.retry());
  }

  /**
   * What the receiver knows.
   *
   * @param begun {@link System#nanoTime} when it turned to the message
   * @param computeNanos 0 for nothing to speak of, as networkNanos
   */
  static Times times(Trail.Hop hop, long begun, long computeNanos, long networkNanos) {
    return Times.newBuilder()
        .setMailboxNanos(begun - hop.at())
        .setComputeNanos(computeNanos)
        .setSerialiseNanos(hop.serialiseNanos())
        .setDeserialiseNanos(hop.deserialiseNanos())
        .setNetworkNanos(networkNanos)
        .build();
  }

  static TraceEvent.Builder event(Message.Builder message) {
    return TraceEvent.newBuilder().setMessage(message);
  }
}
