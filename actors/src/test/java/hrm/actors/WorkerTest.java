package hrm.actors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import akka.actor.PoisonPill;
import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorRefResolver;
import akka.actor.typed.javadsl.Adapter;
import com.typesafe.config.ConfigFactory;
import hrm.actors.Protocol.Faltered;
import hrm.actors.Protocol.PlannerCommand;
import hrm.actors.Protocol.Think;
import hrm.actors.Protocol.Thought;
import hrm.actors.Protocol.WorkerCommand;
import hrm.model.Backend;
import hrm.model.Carry;
import hrm.model.HiddenState;
import hrm.model.HighLevel;
import hrm.model.HrmConfig;
import hrm.model.Kernels;
import hrm.model.Model;
import hrm.model.io.DType;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class WorkerTest {
  private static final ActorTestKit KIT = ActorTestKit.create();

  private final Model model = TestModels.tiny();
  private final HighLevel high = model.highLevel(TestModels.BACKEND);
  private final TestProbe<PlannerCommand> planner = KIT.createTestProbe(PlannerCommand.class);

  @AfterAll
  static void shutDown() {
    KIT.shutdownTestKit();
  }

  private Think think(long cycle) {
    Carry carry = high.seat(null, new int[] {-1, -1});
    HiddenState inputs = high.embed(new int[2][16], new int[] {0, 1});
    HiddenState inputInjection = high.inputInjection(carry.zH(), inputs);
    return new Think(3, cycle, carry.zL(), inputInjection, planner.ref());
  }

  private static float[] floats(HiddenState state) {
    float[] floats = new float[state.batch() * state.sequence() * state.hidden()];
    state.read(floats);
    return floats;
  }

  private final Tracing tracing =
      new Tracing(
          event -> true, TestModels.settings(), "here", InstantSource.system(), new Meters());

  /** It ticks otherwise: nobody may ask one for the other. */
  @Test
  void sameWeightsWithAnotherConfig_areFoundElsewhere() {
    Model one = TestModels.tiny();
    String config = one.config().toJson().replace("\"L_cycles\": 2", "\"L_cycles\": 3");
    Model other = new Model(one.name(), HrmConfig.parse(config), one.weights(), one.sha256());
    assertEquals(3, other.config().lCycles());
    assertNotEquals(Worker.key(one), Worker.key(other));
    assertNotEquals(Planner.key(one), Planner.key(other));
    Model same = new Model("another name", one.config(), one.weights(), one.sha256());
    assertEquals(Worker.key(one), Worker.key(same));
    assertEquals(Planner.key(one), Planner.key(same));
  }

  @Test
  void sameRequest_getsTheSameAnswer() {
    ActorRef<WorkerCommand> worker =
        KIT.spawn(
            Worker.create(model, TestModels.BACKEND, TestModels.settings(), tracing, new Meters()));
    Think think = think(8);
    worker.tell(think);
    worker.tell(think);
    Thought one = planner.expectMessageClass(Thought.class);
    Thought two = planner.expectMessageClass(Thought.class);
    assertEquals(3, one.lane());
    assertEquals(8, one.cycle());
    assertEquals(worker, one.worker());
    assertArrayEquals(floats(one.zL()), floats(two.zL()));
    assertEquals(model.config().lCycles(), one.residuals().length);
    assertEquals(2, one.residuals()[0].length);
  }

  @Test
  void cycleThatFails_isToldAndTheNextOneWorks() {
    ActorRef<WorkerCommand> worker =
        KIT.spawn(
            Worker.create(model, TestModels.BACKEND, TestModels.settings(), tracing, new Meters()));
    Think broken = think(1);
    broken.inputInjection().close();
    worker.tell(broken);
    worker.tell(think(2));
    assertEquals(1, planner.expectMessageClass(Faltered.class).cycle());
    assertEquals(2, planner.expectMessageClass(Thought.class).cycle());
  }

  @Test
  void stateThatCame_isGivenBack_whenTheOtherDoesNotFit() {
    AtomicInteger states = new AtomicInteger();
    Backend counting =
        new Backend() {
          @Override
          public String name() {
            return "counting";
          }

          @Override
          public String describe() {
            return "another one, whose states are counted";
          }

          @Override
          public Kernels open() {
            return counted(TestModels.BACKEND.open(), states);
          }
        };
    ActorRef<WorkerCommand> worker =
        KIT.spawn(Worker.create(model, counting, TestModels.settings(), tracing, new Meters()));
    Think think = think(1);
    HiddenState zL = think.zL().packed(DType.F32);
    HiddenState strange = HiddenState.packed(1, 1, 1, DType.F32, ByteBuffer.allocate(4));
    for (int cycle = 1; cycle <= 3; cycle++) {
      worker.tell(new Think(3, cycle, zL, strange, planner.ref()));
      assertEquals(cycle, planner.expectMessageClass(Faltered.class).cycle());
    }
    assertEquals(1, states.get());
  }

  private static Kernels counted(Kernels kernels, AtomicInteger states) {
    return (Kernels)
        Proxy.newProxyInstance(
            Kernels.class.getClassLoader(),
            new Class<?>[] {Kernels.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("allocateState")) {
                states.incrementAndGet();
              }
              return method.invoke(kernels, arguments);
            });
  }

  @Test
  void retired_withNobodyToDeregisterWith_stopsAllTheSame() {
    ActorTestKit kit = ActorTestKit.create();
    try {
      ActorRef<WorkerCommand> worker =
          kit.spawn(
              Worker.create(
                  model, TestModels.BACKEND, TestModels.settings(), tracing, new Meters()));
      // As on a node that is down.
      Adapter.toClassic(kit.system().receptionist())
          .tell(PoisonPill.getInstance(), akka.actor.ActorRef.noSender());
      kit.createTestProbe().expectTerminated(kit.system().receptionist(), Duration.ofSeconds(3));
      worker.tell(new Protocol.Retire());
      kit.createTestProbe().expectTerminated(worker, Duration.ofSeconds(6));
    } finally {
      kit.shutdownTestKit();
    }
  }

  /** Planners of other nodes hear late that it is gone. */
  @Test
  void retired_askedFromAfar_answersForAsLongAsItIsAsked() {
    ActorTestKit kit =
        ActorTestKit.create(
            ConfigFactory.parseString(
                    "akka { actor.provider = remote, remote.artery { transport = tcp,"
                        + " canonical { hostname = 127.0.0.1, port = 0 } } }")
                .withFallback(ConfigFactory.load()));
    try {
      ActorRef<WorkerCommand> worker =
          kit.spawn(
              Worker.create(
                  model,
                  TestModels.BACKEND,
                  TestModels.settings(),
                  tracing,
                  new Meters(),
                  Duration.ofSeconds(2)));
      ActorRef<PlannerCommand> afar =
          ActorRefResolver.get(kit.system()).resolveActorRef("akka://other@127.0.0.1:1/user/p");
      Think first = think(0);
      worker.tell(new Think(0, 0, first.zL(), first.inputInjection(), afar));
      worker.tell(new Protocol.Retire());
      long begun = System.nanoTime();
      for (long cycle = 1; System.nanoTime() - begun < 4_000_000_000L; cycle++) {
        worker.tell(think(cycle));
        assertEquals(cycle, planner.expectMessageClass(Thought.class).cycle());
      }
      kit.createTestProbe().expectTerminated(worker, Duration.ofSeconds(20));
    } finally {
      kit.shutdownTestKit();
    }
  }
}
