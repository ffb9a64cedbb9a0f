package hrm.actors;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * One kind of message that crosses nodes.
 *
 * @param manifest what it is called on the wire
 * @param proto from the message to that of wire.proto
 * @param message back
 */
record WireKind<T, P extends Message>(
    String manifest,
    Parser<P> parser,
    Function<T, P> proto,
    BiFunction<P, WireTrails.Arrival, T> message) {

  /**
   * @param message of this kind
   */
  @SuppressWarnings("unchecked")
  Message write(Object message) {
    return proto.apply((T) message);
  }

  /**
   * @throws IOException when the bytes are no such message
   */
  T read(ByteBuffer bytes, WireTrails.Arrival arrival) throws IOException {
    return message.apply(parser.parseFrom(CodedInputStream.newInstance(bytes)), arrival);
  }
}
