package hrm.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.SerializationTestKit;
import akka.actor.typed.ActorRef;
import hrm.actors.Protocol.Admit;
import hrm.actors.Protocol.Answered;
import hrm.actors.Protocol.DispatcherCommand;
import hrm.actors.Protocol.Enlist;
import hrm.actors.Protocol.Failed;
import hrm.actors.Protocol.Finished;
import hrm.actors.Protocol.PlannerCommand;
import hrm.actors.Protocol.Vacancies;
import hrm.actors.Protocol.Wire;
import hrm.actors.Protocol.WorkerCommand;
import hrm.proto.JobFailure;
import hrm.proto.PuzzleJob;
import hrm.proto.PuzzleResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
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
    PuzzleJob job = PuzzleJob.newBuilder().setId("j").setText("1.2").build();
    return List.of(
        new Enlist(dispatcher),
        new Admit(1L << 40, job, 2, Duration.ofSeconds(3, 4), dispatcher),
        new Vacancies(planner, 5),
        new Finished(7, new Answered(PuzzleResult.newBuilder().setJobId("j").build())),
        new Finished(-8, new Failed(JobFailure.newBuilder().setMessage("m").build())));
  }

  @ParameterizedTest
  @MethodSource("samples")
  void wireMessage_returnsFromItsBytesEqual(Wire message) {
    SerializationTestKit serialization = KIT.serializationTestKit();
    assertEquals(message, serialization.verifySerialization(message, true));
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
