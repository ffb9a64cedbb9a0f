package hrm.actors;

import akka.actor.Address;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.AskPattern;
import akka.actor.typed.receptionist.Receptionist;
import akka.cluster.Member;
import akka.cluster.typed.Cluster;
import hrm.actors.Protocol.Describe;
import hrm.actors.Protocol.Described;
import hrm.actors.Protocol.Drain;
import hrm.actors.Protocol.ReporterCommand;
import hrm.proto.ClusterReport;
import hrm.proto.NodeReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** What one node learns of all nodes, and how it tells one of them to leave. */
public final class Reports {
  private static final Duration LIMIT = Duration.ofSeconds(2);

  private final ActorSystem<?> system;
  private final String name;

  /**
   * @param name of this node
   */
  public Reports(ActorSystem<?> system, String name) {
    this.system = system;
    this.name = name;
  }

  private record Answer(ActorRef<ReporterCommand> reporter, NodeReport report) {}

  /** Asks every node; members that do not answer within 2 s are there without a report. */
  public CompletionStage<ClusterReport> cluster() {
    return answers().thenApply(this::cluster);
  }

  private ClusterReport cluster(List<Answer> answers) {
    Map<String, NodeReport> reports = new HashMap<>();
    answers.forEach(answer -> reports.put(answer.report().getAddress(), answer.report()));
    var state = Cluster.get(system).state();
    Set<Member> unreachable = state.getUnreachable();
    ClusterReport.Builder cluster = ClusterReport.newBuilder().setSeenBy(name);
    for (Member member : state.getMembers()) {
      String address = text(member.address());
      ClusterReport.Member.Builder shown =
          ClusterReport.Member.newBuilder()
              .setAddress(address)
              .setStatus(member.status().toString().toLowerCase(Locale.ROOT))
              .setReachable(!unreachable.contains(member));
      member.getRoles().stream()
          .filter(role -> !role.startsWith("dc-")) // Akka's own
          .sorted()
          .forEach(shown::addRoles);
      if (reports.containsKey(address)) {
        shown.setReport(reports.get(address));
      }
      cluster.addMembers(shown);
    }
    return cluster.build();
  }

  /**
   * Tells the node of this name to finish what it holds and leave.
   *
   * @return its report; empty when no node that answers has this name
   */
  public CompletionStage<Optional<NodeReport>> drain(String node) {
    return answers()
        .thenCompose(
            answers ->
                answers.stream()
                    .filter(answer -> answer.report().getName().equals(node))
                    .findFirst()
                    .map(answer -> ask(answer.reporter(), true).thenApply(Optional::of))
                    .orElse(CompletableFuture.completedFuture(Optional.empty())))
        .thenApply(answer -> answer.map(Answer::report));
  }

  private CompletionStage<List<Answer>> answers() {
    CompletionStage<Receptionist.Listing> listing =
        AskPattern.ask(
            system.receptionist(),
            replyTo -> Receptionist.find(Reporter.KEY, replyTo),
            LIMIT,
            system.scheduler());
    return listing.thenCompose(found -> answers(found.getAllServiceInstances(Reporter.KEY)));
  }

  private CompletionStage<List<Answer>> answers(Set<ActorRef<ReporterCommand>> reporters) {
    List<CompletableFuture<Answer>> asked = new ArrayList<>();
    for (ActorRef<ReporterCommand> reporter : reporters) {
      asked.add(ask(reporter, false).exceptionally(late -> null).toCompletableFuture());
    }
    return CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new))
        .thenApply(
            all -> asked.stream().map(CompletableFuture::join).filter(a -> a != null).toList());
  }

  private CompletionStage<Answer> ask(ActorRef<ReporterCommand> reporter, boolean drain) {
    CompletionStage<Described> described =
        AskPattern.ask(
            reporter,
            replyTo -> drain ? new Drain(replyTo) : new Describe(replyTo),
            LIMIT,
            system.scheduler());
    return described.thenApply(answer -> new Answer(reporter, answer.report()));
  }

  /** HOST:PORT. */
  public static String text(Address address) {
    return address.getHost().orElse("?")
        + ":"
        + address.getPort().map(Object::toString).orElse("?");
  }
}
