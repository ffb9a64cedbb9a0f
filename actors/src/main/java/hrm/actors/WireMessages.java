package hrm.actors;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorRefResolver;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import hrm.actors.Protocol.Admit;
import hrm.actors.Protocol.Answered;
import hrm.actors.Protocol.Describe;
import hrm.actors.Protocol.Described;
import hrm.actors.Protocol.Drain;
import hrm.actors.Protocol.Enlist;
import hrm.actors.Protocol.Failed;
import hrm.actors.Protocol.Faltered;
import hrm.actors.Protocol.Finished;
import hrm.actors.Protocol.Outcome;
import hrm.actors.Protocol.Pulse;
import hrm.actors.Protocol.Reached;
import hrm.actors.Protocol.Think;
import hrm.actors.Protocol.Thought;
import hrm.actors.Protocol.Vacancies;
import hrm.model.HiddenState;
import hrm.proto.WireProto;
import java.io.IOException;
import java.io.NotSerializableException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@link Protocol.Wire} messages to those of wire.proto and back, and what each is called there.
 */
final class WireMessages {
  private static final Map<Class<?>, String> MANIFESTS =
      Map.ofEntries(
          Map.entry(Enlist.class, "enlist-2"),
          Map.entry(Vacancies.class, "vacancies-2"),
          Map.entry(Pulse.class, "pulse-1"),
          Map.entry(Admit.class, "admit-2"),
          Map.entry(Finished.class, "finished-2"),
          Map.entry(Reached.class, "reached-1"),
          Map.entry(Think.class, "think-1"),
          Map.entry(Thought.class, "thought-1"),
          Map.entry(Faltered.class, "faltered-1"),
          Map.entry(Describe.class, "describe-1"),
          Map.entry(Described.class, "described-1"),
          Map.entry(Drain.class, "drain-1"));

  private final ActorRefResolver refs;

  WireMessages(ActorRefResolver refs) {
    this.refs = refs;
  }

  /** What a message is called on the wire. */
  String manifest(Object message) {
    String manifest = MANIFESTS.get(message.getClass());
    if (manifest == null) {
      throw new IllegalArgumentException(message.getClass() + " does not cross nodes");
    }
    return manifest;
  }

  /** The message of wire.proto that is to be written. */
  Message proto(Object message) {
    if (message instanceof Think think) {
      return WireProto.Think.newBuilder()
          .setLane(think.lane())
          .setCycle(think.cycle())
          .setReplyTo(name(think.replyTo()))
          .setZL(WireStates.proto(think.zL()))
          .setInputInjection(WireStates.proto(think.inputInjection()))
          .setTrail(WireTrails.proto(think.trail()))
          .build();
    } else if (message instanceof Thought thought) {
      return WireProto.Thought.newBuilder()
          .setLane(thought.lane())
          .setCycle(thought.cycle())
          .setWorker(name(thought.worker()))
          .setNanos(thought.nanos())
          .addAllResiduals(WireStates.flat(thought.residuals()))
          .setZL(WireStates.proto(thought.zL()))
          .setTrail(WireTrails.proto(thought.trail()))
          .build();
    } else if (message instanceof Faltered faltered) {
      return WireProto.Faltered.newBuilder()
          .setLane(faltered.lane())
          .setCycle(faltered.cycle())
          .setWorker(name(faltered.worker()))
          .setReason(faltered.reason())
          .setTrail(WireTrails.proto(faltered.trail()))
          .build();
    } else if (message instanceof Admit admit) {
      WireProto.Admit.Builder proto =
          WireProto.Admit.newBuilder()
              .setTicket(admit.ticket())
              .setJob(admit.job())
              .setAttempt(admit.attempt())
              .setWaited(Results.duration(admit.waited()))
              .setReplyTo(name(admit.replyTo()))
              .setTrail(WireTrails.proto(admit.trail()));
      admit.resume().ifPresent(progress -> proto.setResume(WireStates.proto(progress)));
      return proto.build();
    } else if (message instanceof Finished finished) {
      WireProto.Finished.Builder proto =
          WireProto.Finished.newBuilder()
              .setTicket(finished.ticket())
              .setTrail(WireTrails.proto(finished.trail()));
      return finished.outcome() instanceof Answered answered
          ? proto.setAnswered(answered.result()).build()
          : proto.setFailed(((Failed) finished.outcome()).failure()).build();
    } else if (message instanceof Reached reached) {
      return WireProto.Reached.newBuilder()
          .setTicket(reached.ticket())
          .setProgress(WireStates.proto(reached.progress()))
          .setTrail(WireTrails.proto(reached.trail()))
          .build();
    } else if (message instanceof Vacancies vacancies) {
      return WireProto.Vacancies.newBuilder()
          .setPlanner(name(vacancies.planner()))
          .setLimit(vacancies.limit())
          .build();
    } else if (message instanceof Pulse pulse) {
      return WireProto.Pulse.newBuilder()
          .setPlanner(name(pulse.planner()))
          .setLimit(pulse.limit())
          .setLastTicket(pulse.lastTicket())
          .addAllTickets(pulse.tickets())
          .build();
    } else if (message instanceof Enlist enlist) {
      return WireProto.Enlist.newBuilder().setDispatcher(name(enlist.dispatcher())).build();
    }
    if (message instanceof Describe describe) {
      return WireProto.Describe.newBuilder().setReplyTo(name(describe.replyTo())).build();
    } else if (message instanceof Described described) {
      return WireProto.Described.newBuilder().setReport(described.report()).build();
    } else if (message instanceof Drain drain) {
      return WireProto.Drain.newBuilder().setReplyTo(name(drain.replyTo())).build();
    }
    throw new IllegalArgumentException(message.getClass() + " does not cross nodes");
  }

  /**
   * The message of this manifest that was read.
   *
   * @throws NotSerializableException when there is no such message, or it is damaged
   */
  Object message(ByteBuffer bytes, String manifest, WireTrails.Arrival arrival)
      throws NotSerializableException {
    try {
      return switch (manifest) {
        case "think-1" -> think(read(WireProto.Think.parser(), bytes), arrival);
        case "thought-1" -> thought(read(WireProto.Thought.parser(), bytes), arrival);
        case "faltered-1" -> faltered(read(WireProto.Faltered.parser(), bytes), arrival);
        case "admit-2" -> admit(read(WireProto.Admit.parser(), bytes), arrival);
        case "finished-2" -> finished(read(WireProto.Finished.parser(), bytes), arrival);
        case "reached-1" -> reached(read(WireProto.Reached.parser(), bytes), arrival);
        case "vacancies-2" -> vacancies(read(WireProto.Vacancies.parser(), bytes));
        case "pulse-1" -> pulse(read(WireProto.Pulse.parser(), bytes));
        case "enlist-2" -> new Enlist(ref(read(WireProto.Enlist.parser(), bytes).getDispatcher()));
        case "describe-1" ->
            new Describe(ref(read(WireProto.Describe.parser(), bytes).getReplyTo()));
        case "described-1" -> new Described(read(WireProto.Described.parser(), bytes).getReport());
        case "drain-1" -> new Drain(ref(read(WireProto.Drain.parser(), bytes).getReplyTo()));
        default -> throw new NotSerializableException("no message is called " + manifest);
      };
    } catch (NotSerializableException e) {
      throw e;
    } catch (IOException | IllegalArgumentException e) {
      throw new NotSerializableException(manifest + " is damaged: " + e.getMessage());
    }
  }

  private static <M extends Message> M read(Parser<M> parser, ByteBuffer bytes) throws IOException {
    return parser.parseFrom(CodedInputStream.newInstance(bytes));
  }

  private Think think(WireProto.Think proto, WireTrails.Arrival arrival) {
    return new Think(
        proto.getLane(),
        proto.getCycle(),
        WireStates.state(proto.getZL()),
        WireStates.state(proto.getInputInjection()),
        ref(proto.getReplyTo()),
        arrival.trail(proto.getTrail()));
  }

  private Thought thought(WireProto.Thought proto, WireTrails.Arrival arrival) {
    HiddenState zL = WireStates.state(proto.getZL());
    return new Thought(
        proto.getLane(),
        proto.getCycle(),
        zL,
        WireStates.rows(proto.getResidualsList(), zL.batch()),
        ref(proto.getWorker()),
        proto.getNanos(),
        arrival.trail(proto.getTrail()));
  }

  private Faltered faltered(WireProto.Faltered proto, WireTrails.Arrival arrival) {
    return new Faltered(
        proto.getLane(),
        proto.getCycle(),
        proto.getReason(),
        ref(proto.getWorker()),
        arrival.trail(proto.getTrail()));
  }

  private Admit admit(WireProto.Admit proto, WireTrails.Arrival arrival) {
    return new Admit(
        proto.getTicket(),
        proto.getJob(),
        proto.getAttempt(),
        Duration.ofSeconds(proto.getWaited().getSeconds(), proto.getWaited().getNanos()),
        proto.hasResume() ? Optional.of(WireStates.progress(proto.getResume())) : Optional.empty(),
        ref(proto.getReplyTo()),
        arrival.trail(proto.getTrail()));
  }

  private static Finished finished(WireProto.Finished proto, WireTrails.Arrival arrival) {
    Outcome outcome =
        proto.hasAnswered() ? new Answered(proto.getAnswered()) : new Failed(proto.getFailed());
    return new Finished(proto.getTicket(), outcome, arrival.trail(proto.getTrail()));
  }

  private static Reached reached(WireProto.Reached proto, WireTrails.Arrival arrival) {
    return new Reached(
        proto.getTicket(),
        WireStates.progress(proto.getProgress()),
        arrival.trail(proto.getTrail()));
  }

  private Vacancies vacancies(WireProto.Vacancies proto) {
    return new Vacancies(ref(proto.getPlanner()), proto.getLimit());
  }

  private Pulse pulse(WireProto.Pulse proto) {
    return new Pulse(
        ref(proto.getPlanner()),
        proto.getLimit(),
        proto.getLastTicket(),
        List.copyOf(proto.getTicketsList()));
  }

  private String name(ActorRef<?> ref) {
    return refs.toSerializationFormat(ref);
  }

  private <T> ActorRef<T> ref(String name) {
    return refs.resolveActorRef(name);
  }
}
