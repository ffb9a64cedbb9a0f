package hrm.actors;

import akka.actor.ExtendedActorSystem;
import akka.actor.typed.ActorRefResolver;
import akka.actor.typed.javadsl.Adapter;
import akka.serialization.ByteBufferSerializer;
import akka.serialization.SerializerWithStringManifest;
import com.google.protobuf.CodedOutputStream;
import hrm.actors.Protocol.Traced;
import java.io.IOException;
import java.io.NotSerializableException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * {@link Protocol.Wire} messages, as {@link WireMessages}, straight into and out of the transport's
 * buffers. A state's bytes are copied once on either side: see {@link WireStates}.
 */
final class WireSerializer extends SerializerWithStringManifest implements ByteBufferSerializer {
  private final WireMessages messages;

  WireSerializer(ExtendedActorSystem system) {
    this.messages = new WireMessages(ActorRefResolver.get(Adapter.toTyped(system)));
  }

  @Override
  public int identifier() {
    return 1_835_102_401; // any number of its own; part of the wire format
  }

  @Override
  public String manifest(Object message) {
    return messages.manifest(message);
  }

  @Override
  public byte[] toBinary(Object message) {
    long begun = System.nanoTime();
    Trail trail = trail(message);
    byte[] bytes = messages.proto(message).toByteArray();
    if (!trail.isEmpty()) {
      byte[] trailer = WireTrails.trailer(System.nanoTime() - begun).toByteArray();
      int length = bytes.length;
      bytes = Arrays.copyOf(bytes, length + trailer.length);
      System.arraycopy(trailer, 0, bytes, length, trailer.length);
    }
    WireCost.wrote(bytes.length, System.nanoTime() - begun);
    return bytes;
  }

  @Override
  public void toBinary(Object message, ByteBuffer into) {
    long begun = System.nanoTime();
    int from = into.position();
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(into);
      messages.proto(message).writeTo(out);
      if (!trail(message).isEmpty()) {
        WireTrails.trailer(System.nanoTime() - begun).writeTo(out);
      }
      out.flush();
      WireCost.wrote(into.position() - from, System.nanoTime() - begun);
    } catch (CodedOutputStream.OutOfSpaceException e) {
      throw new java.nio.BufferOverflowException(); // how Akka is told that its frame is too small
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Trail trail(Object message) {
    return message instanceof Traced traced ? traced.trail() : Trail.NONE;
  }

  @Override
  public Object fromBinary(byte[] bytes, String manifest) throws NotSerializableException {
    return fromBinary(ByteBuffer.wrap(bytes), manifest);
  }

  @Override
  public Object fromBinary(ByteBuffer bytes, String manifest) throws NotSerializableException {
    long begun = System.nanoTime();
    int length = bytes.remaining();
    Object message = messages.message(bytes, manifest, new WireTrails.Arrival(begun, length));
    WireCost.read(length, System.nanoTime() - begun);
    return message;
  }
}
