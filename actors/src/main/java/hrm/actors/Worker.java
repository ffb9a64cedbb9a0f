package hrm.actors;

import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.receptionist.Receptionist;
import akka.actor.typed.receptionist.ServiceKey;
import hrm.actors.Protocol.Faltered;
import hrm.actors.Protocol.Think;
import hrm.actors.Protocol.Thought;
import hrm.actors.Protocol.WorkerCommand;
import hrm.model.Backend;
import hrm.model.HiddenState;
import hrm.model.LowLevel;
import hrm.model.Model;

/** The low-level module of one model. It remembers nothing between messages. */
final class Worker extends AbstractBehavior<WorkerCommand> {
  private final LowLevel low;
  private final ActorsSettings settings;

  /** Where planners of the same weights find their workers. */
  static ServiceKey<WorkerCommand> key(Model model) {
    return ServiceKey.create(WorkerCommand.class, "hrm-worker-" + model.sha256());
  }

  static Behavior<WorkerCommand> create(Model model, Backend backend, ActorsSettings settings) {
    return Behaviors.setup(
        context -> {
          Worker worker = new Worker(context, model.lowLevel(backend), settings);
          context
              .getSystem()
              .receptionist()
              .tell(Receptionist.register(key(model), context.getSelf()));
          return worker;
        });
  }

  private Worker(ActorContext<WorkerCommand> context, LowLevel low, ActorsSettings settings) {
    super(context);
    this.low = low;
    this.settings = settings;
  }

  @Override
  public Receive<WorkerCommand> createReceive() {
    return newReceiveBuilder()
        .onMessage(Think.class, this::onThink)
        .onSignal(PostStop.class, this::onPostStop)
        .build();
  }

  private Behavior<WorkerCommand> onThink(Think think) {
    long begun = System.nanoTime();
    try {
      LowLevel.Ticks ticks = cycle(think);
      think
          .replyTo()
          .tell(
              new Thought(
                  think.lane(),
                  think.cycle(),
                  Workers.isHere(think.replyTo()) ? ticks.zL() : packed(ticks.zL()),
                  ticks.residuals(),
                  getContext().getSelf(),
                  System.nanoTime() - begun));
    } catch (RuntimeException e) {
      getContext().getLog().warn("lane {}, cycle {} failed", think.lane(), think.cycle(), e);
      think
          .replyTo()
          .tell(new Faltered(think.lane(), think.cycle(), e.toString(), getContext().getSelf()));
    }
    return this;
  }

  private LowLevel.Ticks cycle(Think think) {
    HiddenState zL = WireStates.unpack(think.zL(), low::resident);
    HiddenState inputInjection = WireStates.unpack(think.inputInjection(), low::resident);
    try {
      return low.cycle(zL, inputInjection);
    } finally {
      closeCopy(zL, think.zL());
      closeCopy(inputInjection, think.inputInjection());
    }
  }

  private static void closeCopy(HiddenState here, HiddenState sent) {
    if (here != sent) {
      here.close();
    }
  }

  private HiddenState packed(HiddenState zL) {
    HiddenState packed = WireStates.pack(zL, settings.wireDtype());
    zL.close();
    return packed;
  }

  private Behavior<WorkerCommand> onPostStop(PostStop signal) {
    low.close();
    return this;
  }
}
