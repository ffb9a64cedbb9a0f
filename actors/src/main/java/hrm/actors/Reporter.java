package hrm.actors;

import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.receptionist.Receptionist;
import akka.actor.typed.receptionist.ServiceKey;
import hrm.actors.Protocol.Describe;
import hrm.actors.Protocol.Described;
import hrm.actors.Protocol.Drain;
import hrm.actors.Protocol.ReporterCommand;
import hrm.proto.NodeReport;
import java.util.function.Supplier;

/** The node's voice: tells any node how this one stands, and takes its orders to leave. */
public final class Reporter extends AbstractBehavior<ReporterCommand> {
  /** Where the nodes of a cluster find each other's reporters. */
  static final ServiceKey<ReporterCommand> KEY =
      ServiceKey.create(ReporterCommand.class, "hrm-reporter");

  private final Supplier<NodeReport> report;
  private final Runnable drain;

  /**
   * Starts this node's reporter as a child of the guardian.
   *
   * @param report made for every question; never blocks
   * @param drain makes the node finish what it holds and leave; returns at once
   */
  public static void start(ActorContext<?> guardian, Supplier<NodeReport> report, Runnable drain) {
    guardian.spawn(create(report, drain), "reporter");
  }

  static Behavior<ReporterCommand> create(Supplier<NodeReport> report, Runnable drain) {
    return Behaviors.setup(
        context -> {
          context.getSystem().receptionist().tell(Receptionist.register(KEY, context.getSelf()));
          return new Reporter(context, report, drain);
        });
  }

  private Reporter(
      ActorContext<ReporterCommand> context, Supplier<NodeReport> report, Runnable drain) {
    super(context);
    this.report = report;
    this.drain = drain;
  }

  @Override
  public Receive<ReporterCommand> createReceive() {
    return newReceiveBuilder()
        .onMessage(Describe.class, this::onDescribe)
        .onMessage(Drain.class, this::onDrain)
        .build();
  }

  private Behavior<ReporterCommand> onDescribe(Describe describe) {
    describe.replyTo().tell(new Described(report.get()));
    return this;
  }

  private Behavior<ReporterCommand> onDrain(Drain order) {
    getContext().getLog().info("told to leave the cluster");
    drain.run();
    order.replyTo().tell(new Described(report.get()));
    return this;
  }
}
