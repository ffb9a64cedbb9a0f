package hrm.actors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.ExtendedActorSystem;
import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.SerializationTestKit;
import akka.actor.typed.ActorRef;
import akka.actor.typed.javadsl.Adapter;
import hrm.actors.Protocol.Admit;
import hrm.actors.Protocol.Answered;
import hrm.actors.Protocol.Describe;
import hrm.actors.Protocol.Described;
import hrm.actors.Protocol.DispatcherCommand;
import hrm.actors.Protocol.Drain;
import hrm.actors.Protocol.Enlist;
import hrm.actors.Protocol.Failed;
import hrm.actors.Protocol.Faltered;
import hrm.actors.Protocol.Finished;
import hrm.actors.Protocol.PlannerCommand;
import hrm.actors.Protocol.Progress;
import hrm.actors.Protocol.Pulse;
import hrm.actors.Protocol.Reached;
import hrm.actors.Protocol.ReporterCommand;
import hrm.actors.Protocol.Think;
import hrm.actors.Protocol.Thought;
import hrm.actors.Protocol.Traced;
import hrm.actors.Protocol.Vacancies;
import hrm.actors.Protocol.Wire;
import hrm.actors.Protocol.WorkerCommand;
import hrm.model.Carry;
import hrm.model.HiddenState;
import hrm.model.Model;
import hrm.model.io.DType;
import hrm.proto.JobFailure;
import hrm.proto.NodeReport;
import hrm.proto.PuzzleJob;
import hrm.proto.PuzzleResult;
import java.io.IOException;
import java.io.NotSerializableException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a compiler with exhaustive switches would check. */
class ProtocolTest {
  private static final ActorTestKit KIT = ActorTestKit.create();

  @AfterAll
  static void shutDown() {
    KIT.shutdownTestKit();
  }

  @Test
  void everyCommand_isHandledByItsActor() throws IOException {
    handles(DispatcherCommand.class, "Dispatcher");
    handles(PlannerCommand.class, "Planner");
    handles(WorkerCommand.class, "Worker");
    handles(ReporterCommand.class, "Reporter");
    handles(Crew.Command.class, "Crew");
  }

  private static void handles(Class<?> commands, String actor) throws IOException {
    String source = Files.readString(Path.of("src/main/java/hrm/actors/" + actor + ".java"));
    List<Class<?>> records = records(commands).toList();
    assertFalse(records.isEmpty());
    for (Class<?> command : records) {
      assertTrue(
          source.contains(".onMessage(" + command.getSimpleName() + ".class, this::on"),
          actor + " does not handle " + command.getSimpleName());
    }
  }

  private static Stream<Class<?>> records(Class<?> type) {
    return type.isSealed()
        ? Arrays.stream(type.getPermittedSubclasses()).flatMap(ProtocolTest::records)
        : Stream.of(type);
  }

  static List<Wire> samples() {
    ActorRef<DispatcherCommand> dispatcher =
        KIT.createTestProbe("dispatcher", DispatcherCommand.class).ref();
    ActorRef<PlannerCommand> planner = KIT.createTestProbe("planner", PlannerCommand.class).ref();
    ActorRef<WorkerCommand> worker = KIT.createTestProbe("worker", WorkerCommand.class).ref();
    ActorRef<Described> reports = KIT.createTestProbe("reports", Described.class).ref();
    PuzzleJob job = PuzzleJob.newBuilder().setId("j").setText("1.2").build();
    Trail trail =
        Trail.of(
            List.of(
                new TraceContext("j", 2, 1L << 62, 3, 44, "3.44", 0, 7, 1, 2),
                new TraceContext("k", 1, 0, 1, 9, "1.9", 3, 1, 2, 0)),
            "akka://hrm@there:1/user/a",
            17);
    return List.of(
        new Enlist(dispatcher),
        new Admit(1L << 40, job, 2, Duration.ofSeconds(3, 4), Optional.empty(), dispatcher),
        new Admit(
            3,
            job,
            1,
            Duration.ZERO,
            Optional.of(new Progress(4, new Carry(packed(DType.F32, 1), packed(DType.F32, 1)))),
            dispatcher),
        new Reached(9, new Progress(2, new Carry(packed(DType.F32, 1), packed(DType.F32, 1)))),
        new Think(1, 5, packed(DType.F32, 4), packed(DType.F32, 4), planner),
        new Think(1, 5, packed(DType.BF16, 4), packed(DType.BF16, 4), planner),
        new Thought(
            1, 5, packed(DType.BF16, 2), new float[][] {{1, 2}, {3, 4}, {5, 6}}, worker, 77),
        new Faltered(1, 5, "out of memory", worker),
        new Faltered(1, 5, "out of memory", worker, trail),
        new Think(1, 5, packed(DType.F32, 4), packed(DType.F32, 4), planner, trail),
        new Thought(1, 5, packed(DType.F32, 2), new float[][] {{1, 2}}, worker, 77, trail),
        new Admit(3, job, 1, Duration.ZERO, Optional.empty(), dispatcher, trail),
        new Reached(
            9, new Progress(2, new Carry(packed(DType.F32, 1), packed(DType.F32, 1))), trail),
        new Finished(7, new Answered(PuzzleResult.newBuilder().setJobId("j").build()), trail),
        new Describe(reports),
        new Drain(reports),
        new Described(NodeReport.newBuilder().setName("n").addRoles("worker").build()),
        new Vacancies(planner, 5),
        new Pulse(planner, 5, 1L << 40, List.of(3L, 1L << 40)),
        new Finished(7, new Answered(PuzzleResult.newBuilder().setJobId("j").build())),
        new Finished(-8, new Failed(JobFailure.newBuilder().setMessage("m").build())));
  }

  private static HiddenState packed(DType dtype, int batch) {
    ByteBuffer bytes = ByteBuffer.allocate(batch * 2 * 3 * dtype.bytes());
    new SplittableRandom(1).nextBytes(bytes.array());
    return HiddenState.packed(batch, 2, 3, dtype, bytes);
  }

  /** States are equal by their bytes, so two messages are when theirs are. */
  @ParameterizedTest
  @MethodSource("samples")
  void wireMessage_returnsFromItsBytesEqual(Wire message) throws IOException {
    SerializationTestKit kit = KIT.serializationTestKit();
    Wire returned = kit.verifySerialization(message, false);
    assertEquals(message.getClass(), returned.getClass());
    WireSerializer serializer =
        new WireSerializer((ExtendedActorSystem) Adapter.toClassic(KIT.system()));
    assertArrayEquals(untimed(serializer, message), untimed(serializer, returned));
    ByteBuffer direct = ByteBuffer.allocateDirect(1 << 16);
    serializer.toBinary(message, direct.position(7));
    direct.flip().position(7);
    assertTrue(Math.abs(serializer.toBinary(message).length - direct.remaining()) <= 10);
    Object again = serializer.fromBinary(direct, serializer.manifest(message));
    assertArrayEquals(untimed(serializer, message), untimed(serializer, again));
    if (message instanceof Traced traced && !traced.trail().isEmpty()) {
      Trail trail = ((Traced) again).trail();
      assertEquals(traced.trail().rows(), trail.rows());
      assertEquals(traced.trail().sender(), trail.sender());
      assertEquals(traced.trail().elsewhereNanos(), trail.elsewhereNanos());
      assertEquals(direct.limit() - 7, trail.hop().bytes());
      assertTrue(trail.hop().serialiseNanos() > 0 && trail.hop().deserialiseNanos() > 0);
      return;
    }
    if (message instanceof Think || message instanceof Thought || message instanceof Reached) {
      return;
    }
    if (!(message instanceof Admit admit && admit.resume().isPresent())) {
      assertEquals(message, returned);
    }
  }

  /** Without the time that writing took, which stands at the end of a traced message. */
  private static byte[] untimed(WireSerializer serializer, Object message) {
    byte[] bytes = serializer.toBinary(message);
    if (!(message instanceof Traced traced) || traced.trail().isEmpty()) {
      return bytes;
    }
    int length = bytes.length;
    int trailer = bytes.length - 4;
    while (bytes[trailer] != (byte) (15 << 3 | 2) || bytes[trailer + 1] != length - trailer - 2) {
      trailer--;
    }
    return Arrays.copyOf(bytes, trailer);
  }

  @Test
  void stateOnADevice_isNotSerialised() {
    Model model = TestModels.tiny();
    HiddenState state = model.highLevel(TestModels.BACKEND).embed(new int[1][16], new int[1]);
    assertThrows(IllegalArgumentException.class, () -> WireStates.proto(state));
    assertEquals(state.batch(), WireStates.proto(state.packed(DType.BF16)).getBatch());
  }

  @Test
  void damagedMessage_isRefusedAsNotSerializable() {
    WireSerializer serializer =
        new WireSerializer((ExtendedActorSystem) Adapter.toClassic(KIT.system()));
    SplittableRandom random = new SplittableRandom(3);
    for (Wire message : samples()) {
      byte[] good = serializer.toBinary(message);
      for (int i = 0; i < 300; i++) {
        byte[] bad = Arrays.copyOf(good, random.nextInt(good.length + 1));
        for (int flips = random.nextInt(4); flips > 0 && bad.length > 0; flips--) {
          bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
        }
        try {
          serializer.fromBinary(bad, serializer.manifest(message));
        } catch (NotSerializableException e) {
          assertFalse(e.getMessage().isBlank());
        }
      }
    }
  }

  @Test
  void everyWireMessage_hasASample() {
    Set<Class<?>> wire =
        Arrays.stream(Protocol.class.getDeclaredClasses())
            .filter(type -> type.isRecord() && Wire.class.isAssignableFrom(type))
            .collect(Collectors.toSet());
    assertEquals(wire, samples().stream().map(Object::getClass).collect(Collectors.toSet()));
  }
}
