package hrm.actors;

import akka.actor.ExtendedActorSystem;
import akka.serialization.ByteBufferSerializer;
import akka.serialization.SerializerWithStringManifest;
import hrm.actors.Protocol.Faltered;
import hrm.actors.Protocol.Think;
import hrm.actors.Protocol.Thought;
import java.io.NotSerializableException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts what crosses nodes beside the trace: for each kind of message, the jobs in those that were
 * written and read in this process.
 */
public final class CountingSerializer extends SerializerWithStringManifest
    implements ByteBufferSerializer {
  private static final Map<String, AtomicInteger> COUNTS = new ConcurrentHashMap<>();

  private final WireSerializer serializer;

  public CountingSerializer(ExtendedActorSystem system) {
    serializer = new WireSerializer(system);
  }

  public static void clear() {
    COUNTS.clear();
  }

  /** Of messages like {@code Think}. */
  public static int written(String type) {
    return count("written " + type).get();
  }

  public static int read(String type) {
    return count("read " + type).get();
  }

  private static AtomicInteger count(String name) {
    return COUNTS.computeIfAbsent(name, n -> new AtomicInteger());
  }

  private static void count(String what, Object message) {
    int jobs = 1;
    if (message instanceof Think think) {
      jobs = think.zL().batch();
    } else if (message instanceof Thought thought) {
      jobs = thought.zL().batch();
    } else if (message instanceof Faltered) {
      throw new AssertionError("no worker was to falter");
    }
    count(what + " " + message.getClass().getSimpleName()).addAndGet(jobs);
  }

  @Override
  public int identifier() {
    return serializer.identifier();
  }

  @Override
  public String manifest(Object message) {
    return serializer.manifest(message);
  }

  @Override
  public byte[] toBinary(Object message) {
    byte[] bytes = serializer.toBinary(message);
    count("written", message);
    return bytes;
  }

  @Override
  public void toBinary(Object message, ByteBuffer into) {
    serializer.toBinary(message, into);
    count("written", message);
  }

  @Override
  public Object fromBinary(byte[] bytes, String manifest) throws NotSerializableException {
    return fromBinary(ByteBuffer.wrap(bytes), manifest);
  }

  @Override
  public Object fromBinary(ByteBuffer bytes, String manifest) throws NotSerializableException {
    Object message = serializer.fromBinary(bytes, manifest);
    count("read", message);
    return message;
  }
}
