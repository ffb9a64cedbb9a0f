package hrm.actors;

import akka.actor.ExtendedActorSystem;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorRefResolver;
import akka.actor.typed.javadsl.Adapter;
import akka.serialization.SerializerWithStringManifest;
import hrm.actors.Protocol.Admit;
import hrm.actors.Protocol.Answered;
import hrm.actors.Protocol.Enlist;
import hrm.actors.Protocol.Failed;
import hrm.actors.Protocol.Finished;
import hrm.actors.Protocol.Vacancies;
import hrm.proto.JobFailure;
import hrm.proto.PuzzleJob;
import hrm.proto.PuzzleResult;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.NotSerializableException;
import java.time.Duration;

/**
 * {@link Protocol.Wire} messages as bytes: the fixed fields first, then the protobuf message they
 * carry, to the end.
 */
final class WireSerializer extends SerializerWithStringManifest {
  private static final String VACANCIES = "vacancies-1";
  private static final String ANSWERED = "answered-1";
  private static final String FAILED = "failed-1";
  private static final String ENLIST = "enlist-1";
  private static final String ADMIT = "admit-1";

  private final ActorRefResolver refs;

  WireSerializer(ExtendedActorSystem system) {
    this.refs = ActorRefResolver.get(Adapter.toTyped(system));
  }

  @Override
  public int identifier() {
    return 1_835_102_401; // any number of its own; part of the wire format
  }

  @Override
  public String manifest(Object message) {
    if (message instanceof Vacancies) {
      return VACANCIES;
    } else if (message instanceof Enlist) {
      return ENLIST;
    } else if (message instanceof Admit) {
      return ADMIT;
    } else if (message instanceof Finished finished) {
      return finished.outcome() instanceof Answered ? ANSWERED : FAILED;
    }
    throw new IllegalArgumentException(message.getClass() + " does not cross nodes");
  }

  @Override
  public byte[] toBinary(Object message) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      if (message instanceof Vacancies vacancies) {
        out.writeUTF(refs.toSerializationFormat(vacancies.planner()));
        out.writeInt(vacancies.limit());
      } else if (message instanceof Enlist enlist) {
        out.writeUTF(refs.toSerializationFormat(enlist.dispatcher()));
      } else if (message instanceof Admit admit) {
        out.writeLong(admit.ticket());
        out.writeInt(admit.attempt());
        out.writeLong(admit.waited().toNanos());
        out.writeUTF(refs.toSerializationFormat(admit.replyTo()));
        admit.job().writeTo(out);
      } else if (message instanceof Finished finished) {
        out.writeLong(finished.ticket());
        write(finished, out);
      } else {
        throw new IllegalArgumentException(message.getClass() + " does not cross nodes");
      }
    } catch (IOException e) {
      throw new IllegalStateException("memory does not fail to be written", e);
    }
    return bytes.toByteArray();
  }

  private static void write(Finished finished, DataOutputStream out) throws IOException {
    if (finished.outcome() instanceof Answered answered) {
      answered.result().writeTo(out);
    } else if (finished.outcome() instanceof Failed failed) {
      failed.failure().writeTo(out);
    } else {
      throw new IllegalArgumentException(finished.outcome() + " does not cross nodes");
    }
  }

  @Override
  public Object fromBinary(byte[] bytes, String manifest) throws NotSerializableException {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      return switch (manifest) {
        case VACANCIES -> new Vacancies(ref(in), in.readInt());
        case ENLIST -> new Enlist(ref(in));
        case ADMIT -> admit(in);
        case ANSWERED -> new Finished(in.readLong(), new Answered(PuzzleResult.parseFrom(in)));
        case FAILED -> new Finished(in.readLong(), new Failed(JobFailure.parseFrom(in)));
        default -> throw new NotSerializableException("unknown manifest " + manifest);
      };
    } catch (NotSerializableException e) {
      throw e;
    } catch (IOException e) {
      throw new NotSerializableException(manifest + " is damaged: " + e.getMessage());
    }
  }

  private Admit admit(DataInputStream in) throws IOException {
    long ticket = in.readLong();
    int attempt = in.readInt();
    Duration waited = Duration.ofNanos(in.readLong());
    ActorRef<Protocol.DispatcherCommand> replyTo = ref(in);
    return new Admit(ticket, PuzzleJob.parseFrom(in), attempt, waited, replyTo);
  }

  private <T> ActorRef<T> ref(DataInputStream in) throws IOException {
    return refs.resolveActorRef(in.readUTF());
  }
}
