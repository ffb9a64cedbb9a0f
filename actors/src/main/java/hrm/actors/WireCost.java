package hrm.actors;

import java.util.concurrent.atomic.LongAdder;

/**
 * What {@link WireSerializer} has done in this process: messages, bytes and time to and from the
 * transport's buffers, and how long states took from devices to packed bytes and back.
 */
public record WireCost(
    long messagesOut,
    long bytesOut,
    long nanosOut,
    long messagesIn,
    long bytesIn,
    long nanosIn,
    long nanosPacking) {
  private static final LongAdder MESSAGES_OUT = new LongAdder();
  private static final LongAdder BYTES_OUT = new LongAdder();
  private static final LongAdder NANOS_OUT = new LongAdder();
  private static final LongAdder MESSAGES_IN = new LongAdder();
  private static final LongAdder BYTES_IN = new LongAdder();
  private static final LongAdder NANOS_IN = new LongAdder();
  private static final LongAdder NANOS_PACKING = new LongAdder();

  static void wrote(long bytes, long nanos) {
    MESSAGES_OUT.increment();
    BYTES_OUT.add(bytes);
    NANOS_OUT.add(nanos);
  }

  static void read(long bytes, long nanos) {
    MESSAGES_IN.increment();
    BYTES_IN.add(bytes);
    NANOS_IN.add(nanos);
  }

  static void packed(long nanos) {
    NANOS_PACKING.add(nanos);
  }

  /** Since the process began. */
  public static WireCost now() {
    return new WireCost(
        MESSAGES_OUT.sum(),
        BYTES_OUT.sum(),
        NANOS_OUT.sum(),
        MESSAGES_IN.sum(),
        BYTES_IN.sum(),
        NANOS_IN.sum(),
        NANOS_PACKING.sum());
  }

  /** Of two processes together. */
  public WireCost plus(WireCost other) {
    return minus(new WireCost(0, 0, 0, 0, 0, 0, 0).minus(other));
  }

  public WireCost minus(WireCost earlier) {
    return new WireCost(
        messagesOut - earlier.messagesOut,
        bytesOut - earlier.bytesOut,
        nanosOut - earlier.nanosOut,
        messagesIn - earlier.messagesIn,
        bytesIn - earlier.bytesIn,
        nanosIn - earlier.nanosIn,
        nanosPacking - earlier.nanosPacking);
  }
}
