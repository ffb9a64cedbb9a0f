package hrm.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.typed.ActorRef;
import hrm.actors.Protocol.Failed;
import hrm.actors.Protocol.Finished;
import hrm.actors.Protocol.PlannerCommand;
import hrm.actors.Protocol.Think;
import hrm.model.Backend;
import hrm.model.DeviceMemoryException;
import hrm.model.Kernels;
import hrm.model.LowLevel;
import hrm.proto.JobFailure;
import hrm.proto.PuzzleJob;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A planner whose device has no room for a moment. */
class PlannerMemoryTest {
  private static final ActorTestKit KIT = ActorTestKit.create();

  private final Counterparts others = new Counterparts(KIT);

  /** The kernel that fails next, once. */
  private final AtomicReference<String> fails = new AtomicReference<>();

  private final Backend backend =
      new Backend() {
        @Override
        public String name() {
          return "narrow";
        }

        @Override
        public String describe() {
          return "a device without room for what is to fail";
        }

        @Override
        public Kernels open() {
          return narrow(TestModels.BACKEND.open());
        }
      };

  private Kernels narrow(Kernels kernels) {
    return (Kernels)
        Proxy.newProxyInstance(
            Kernels.class.getClassLoader(),
            new Class<?>[] {Kernels.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals(fails.get())) {
                fails.set(null);
                throw new DeviceMemoryException("3 MB are free", null);
              }
              return method.invoke(kernels, arguments);
            });
  }

  @AfterAll
  static void shutDown() {
    KIT.shutdownTestKit();
  }

  private void expectFailure(long ticket) {
    Finished finished = others.dispatcher.expectMessageClass(Finished.class);
    assertEquals(ticket, finished.ticket());
    JobFailure failure = ((Failed) finished.outcome()).failure();
    assertEquals(JobFailure.Cause.SOLVER_ERROR, failure.getCause());
    assertTrue(failure.getMessage().contains("3 MB are free"), failure.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"gather", "embed", "add", "replay", "qHead"})
  void laneWithoutRoom_failsItsJobs_andThenThinksOn(String kernel) {
    World world = new World(KIT, "lanes = 1", "prefetch = 0");
    ActorRef<PlannerCommand> planner = others.enlisted(world, backend);
    world.worker();
    fails.set(kernel);
    planner.tell(others.admit(1, TestModels.job(world.model, 1, 2)));
    expectFailure(1);
    PuzzleJob job = TestModels.job(world.model, 2, 2);
    planner.tell(others.admit(2, job));
    assertEquals(TestModels.alone(world.model, job, 2).get(1).qHalt(), others.answer(2).getQHalt());
  }

  @Test
  void laneWithoutRoom_costsAnotherLaneNothing() {
    World world = new World(KIT, "lanes = 2", "slots-per-lane = 1", "prefetch = 0");
    ActorRef<PlannerCommand> planner = others.enlisted(world, backend);
    others.register(world, others.worker);
    LowLevel low = world.model.lowLevel(TestModels.BACKEND);
    PuzzleJob job = TestModels.job(world.model, 1, 1);
    planner.tell(others.admit(1, job));
    Think first = others.worker.expectMessageClass(Think.class);
    fails.set("gather");
    planner.tell(others.admit(2, TestModels.job(world.model, 2, 1)));
    expectFailure(2);
    planner.tell(Counterparts.think(low, first, others.worker.ref()));
    Think second = others.worker.expectMessageClass(Think.class);
    planner.tell(Counterparts.think(low, second, others.worker.ref()));
    assertEquals(TestModels.alone(world.model, job, 1).get(0).qHalt(), others.answer(1).getQHalt());
  }
}
