package hrm.cluster.bench;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.Props;
import akka.actor.typed.javadsl.AskPattern;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.receptionist.Receptionist;
import akka.actor.typed.receptionist.ServiceKey;
import com.google.gson.Gson;
import hrm.actors.WireCost;
import hrm.cluster.cli.CommandException;
import java.time.Duration;
import java.util.Set;

/** Tells another process of the same benchmark what the wire has cost in this one. */
final class CostReporter {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Whom to answer, with a {@link WireCost} as JSON: both are known to Akka's own serializers. */
  @SuppressWarnings({"unchecked", "rawtypes"})
  private static final ServiceKey<ActorRef<String>> KEY =
      (ServiceKey) ServiceKey.create(ActorRef.class, "hrm-bench-wire-cost");

  private CostReporter() {}

  static void start(ActorSystem<?> system) {
    Behavior<ActorRef<String>> behavior =
        Behaviors.receiveMessage(
            replyTo -> {
              replyTo.tell(new Gson().toJson(WireCost.now()));
              return Behaviors.same();
            });
    ActorRef<ActorRef<String>> reporter =
        system.systemActorOf(behavior, "wire-cost", Props.empty());
    system.receptionist().tell(Receptionist.register(KEY, reporter));
  }

  /** The other process's costs so far. */
  static WireCost ask(ActorSystem<?> system) throws Exception {
    long begin = System.nanoTime();
    Set<ActorRef<ActorRef<String>>> found;
    do {
      Receptionist.Listing listing =
          AskPattern.<Receptionist.Command, Receptionist.Listing>ask(
                  system.receptionist(),
                  replyTo -> Receptionist.find(KEY, replyTo),
                  PATIENCE,
                  system.scheduler())
              .toCompletableFuture()
              .get();
      found = listing.getServiceInstances(KEY);
      if (System.nanoTime() - begin > PATIENCE.toNanos()) {
        throw CommandException.failed("the worker's process did not join the cluster");
      }
      Thread.sleep(20);
    } while (found.isEmpty());
    String json =
        AskPattern.<ActorRef<String>, String>ask(
                found.iterator().next(), replyTo -> replyTo, PATIENCE, system.scheduler())
            .toCompletableFuture()
            .get();
    return new Gson().fromJson(json, WireCost.class);
  }
}
