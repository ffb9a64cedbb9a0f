package hrm.actors;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorRefResolver;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * {@link Protocol.Wire} messages to those of wire.proto and back, and what each is called there.
 */
final class WireMessages {
  private final ActorRefResolver refs;
  private final Map<Class<?>, WireKind<?, ?>> byClass = new HashMap<>();
  private final Map<String, WireKind<?, ?>> byManifest = new HashMap<>();

  WireMessages(ActorRefResolver refs) {
    this.refs = refs;
    add(Enlist.class, "enlist-2", WireProto.Enlist.parser(), this::proto, this::enlist);
    add(Vacancies.class, "vacancies-2", WireProto.Vacancies.parser(), this::proto, this::vacancies);
    add(Pulse.class, "pulse-1", WireProto.Pulse.parser(), this::proto, this::pulse);
    add(Admit.class, "admit-2", WireProto.Admit.parser(), this::proto, this::admit);
    add(
        Finished.class,
        "finished-2",
        WireProto.Finished.parser(),
        this::proto,
        WireMessages::finished);
    add(Reached.class, "reached-1", WireProto.Reached.parser(), this::proto, WireMessages::reached);
    add(Think.class, "think-1", WireProto.Think.parser(), this::proto, this::think);
    add(Thought.class, "thought-1", WireProto.Thought.parser(), this::proto, this::thought);
    add(Faltered.class, "faltered-1", WireProto.Faltered.parser(), this::proto, this::faltered);
    add(Describe.class, "describe-1", WireProto.Describe.parser(), this::proto, this::describe);
    add(Described.class, "described-1", WireProto.Described.parser(), this::proto, this::described);
    add(Drain.class, "drain-1", WireProto.Drain.parser(), this::proto, this::drain);
  }

  private <T, P extends Message> void add(
      Class<T> type,
      String manifest,
      Parser<P> parser,
      Function<T, P> proto,
      BiFunction<P, WireTrails.Arrival, T> message) {
    WireKind<T, P> kind = new WireKind<>(manifest, parser, proto, message);
    byClass.put(type, kind);
    byManifest.put(manifest, kind);
  }

  /** What a message is called on the wire. */
  String manifest(Object message) {
    return kind(message).manifest();
  }

  /** The message of wire.proto that is to be written. */
  Message proto(Object message) {
    return kind(message).write(message);
  }

  private WireKind<?, ?> kind(Object message) {
    WireKind<?, ?> kind = byClass.get(message.getClass());
    if (kind == null) {
      throw new IllegalArgumentException(message.getClass() + " does not cross nodes");
    }
    return kind;
  }

  /**
   * The message of this manifest that was read.
   *
   * @throws NotSerializableException when there is no such message, or it is damaged
   */
  Object message(ByteBuffer bytes, String manifest, WireTrails.Arrival arrival)
      throws NotSerializableException {
    WireKind<?, ?> kind = byManifest.get(manifest);
    if (kind == null) {
      throw new NotSerializableException("no message is called " + manifest);
    }
    try {
      return kind.read(bytes, arrival);
    } catch (NotSerializableException e) {
      throw e;
    } catch (IOException | IllegalArgumentException e) {
      throw new NotSerializableException(manifest + " is damaged: " + e.getMessage());
    }
  }

  private WireProto.Enlist proto(Enlist enlist) {
    return WireProto.Enlist.newBuilder().setDispatcher(name(enlist.dispatcher())).build();
  }

  private Enlist enlist(WireProto.Enlist proto, WireTrails.Arrival arrival) {
    return new Enlist(ref(proto.getDispatcher()));
  }

  private WireProto.Vacancies proto(Vacancies vacancies) {
    return WireProto.Vacancies.newBuilder()
        .setPlanner(name(vacancies.planner()))
        .setLimit(vacancies.limit())
        .build();
  }

  private Vacancies vacancies(WireProto.Vacancies proto, WireTrails.Arrival arrival) {
    return new Vacancies(ref(proto.getPlanner()), proto.getLimit());
  }

  private WireProto.Pulse proto(Pulse pulse) {
    return WireProto.Pulse.newBuilder()
        .setPlanner(name(pulse.planner()))
        .setLimit(pulse.limit())
        .setLastTicket(pulse.lastTicket())
        .addAllTickets(pulse.tickets())
        .build();
  }

  private Pulse pulse(WireProto.Pulse proto, WireTrails.Arrival arrival) {
    return new Pulse(
        ref(proto.getPlanner()),
        proto.getLimit(),
        proto.getLastTicket(),
        List.copyOf(proto.getTicketsList()));
  }

  private WireProto.Admit proto(Admit admit) {
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

  private WireProto.Finished proto(Finished finished) {
    WireProto.Finished.Builder proto =
        WireProto.Finished.newBuilder()
            .setTicket(finished.ticket())
            .setTrail(WireTrails.proto(finished.trail()));
    return finished.outcome() instanceof Answered answered
        ? proto.setAnswered(answered.result()).build()
        : proto.setFailed(((Failed) finished.outcome()).failure()).build();
  }

  private static Finished finished(WireProto.Finished proto, WireTrails.Arrival arrival) {
    Outcome outcome =
        proto.hasAnswered() ? new Answered(proto.getAnswered()) : new Failed(proto.getFailed());
    return new Finished(proto.getTicket(), outcome, arrival.trail(proto.getTrail()));
  }

  private WireProto.Reached proto(Reached reached) {
    return WireProto.Reached.newBuilder()
        .setTicket(reached.ticket())
        .setProgress(WireStates.proto(reached.progress()))
        .setTrail(WireTrails.proto(reached.trail()))
        .build();
  }

  private static Reached reached(WireProto.Reached proto, WireTrails.Arrival arrival) {
    return new Reached(
        proto.getTicket(),
        WireStates.progress(proto.getProgress()),
        arrival.trail(proto.getTrail()));
  }

  private WireProto.Think proto(Think think) {
    return WireProto.Think.newBuilder()
        .setLane(think.lane())
        .setCycle(think.cycle())
        .setReplyTo(name(think.replyTo()))
        .setZL(WireStates.proto(think.zL()))
        .setInputInjection(WireStates.proto(think.inputInjection()))
        .setTrail(WireTrails.proto(think.trail()))
        .build();
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

  private WireProto.Thought proto(Thought thought) {
    return WireProto.Thought.newBuilder()
        .setLane(thought.lane())
        .setCycle(thought.cycle())
        .setWorker(name(thought.worker()))
        .setNanos(thought.nanos())
        .addAllResiduals(WireStates.flat(thought.residuals()))
        .setZL(WireStates.proto(thought.zL()))
        .setTrail(WireTrails.proto(thought.trail()))
        .build();
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

  private WireProto.Faltered proto(Faltered faltered) {
    return WireProto.Faltered.newBuilder()
        .setLane(faltered.lane())
        .setCycle(faltered.cycle())
        .setWorker(name(faltered.worker()))
        .setReason(faltered.reason())
        .setTrail(WireTrails.proto(faltered.trail()))
        .build();
  }

  private Faltered faltered(WireProto.Faltered proto, WireTrails.Arrival arrival) {
    return new Faltered(
        proto.getLane(),
        proto.getCycle(),
        proto.getReason(),
        ref(proto.getWorker()),
        arrival.trail(proto.getTrail()));
  }

  private WireProto.Describe proto(Describe describe) {
    return WireProto.Describe.newBuilder().setReplyTo(name(describe.replyTo())).build();
  }

  private Describe describe(WireProto.Describe proto, WireTrails.Arrival arrival) {
    return new Describe(ref(proto.getReplyTo()));
  }

  private WireProto.Described proto(Described described) {
    return WireProto.Described.newBuilder().setReport(described.report()).build();
  }

  private Described described(WireProto.Described proto, WireTrails.Arrival arrival) {
    return new Described(proto.getReport());
  }

  private WireProto.Drain proto(Drain drain) {
    return WireProto.Drain.newBuilder().setReplyTo(name(drain.replyTo())).build();
  }

  private Drain drain(WireProto.Drain proto, WireTrails.Arrival arrival) {
    return new Drain(ref(proto.getReplyTo()));
  }

  private String name(ActorRef<?> ref) {
    return refs.toSerializationFormat(ref);
  }

  private <T> ActorRef<T> ref(String name) {
    return refs.resolveActorRef(name);
  }
}
