package hrm.cluster.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Of what a node's log says, what tells why it has ended. */
class EndingTest {
  private static final Map<String, String> CALLED =
      Map.of("akka://hrm@127.0.1.3:37081", "solver-1", "akka://hrm@127.0.1.4:37081", "solver-2");
  private static final String BY_ITSELF =
      "hrm node: the node ended by itself; its log above says why";

  @Test
  void downed_saysByWhom_andNotWhatBrokeAfterwards() {
    assertEquals(
        "Cluster: Received gossip where this member has been downed, from [solver-2]",
        Ending.why(
            List.of(
                "ready node=solver-1 roles=planner,worker",
                "11:35:37.361 WARN  Cluster: Cluster Node [akka://hrm@127.0.1.3:37081] - Marking"
                    + " node as UNREACHABLE [Member(akka://hrm@127.0.1.4:37081, Up, 0.1.0)].",
                "11:35:45.773 WARN  Cluster: Cluster Node [akka://hrm@127.0.1.3:37081] - Received"
                    + " gossip where this member has been downed, from"
                    + " [akka://hrm@127.0.1.4:37081]",
                "11:35:46.135 INFO  Departure: stopping: takes no more jobs, finishes or hands"
                    + " back those in hand",
                "11:35:54.634 WARN  Materializer: [outbound connection to"
                    + " [akka://hrm@127.0.1.4:37081], control stream] Upstream failed",
                BY_ITSELF,
                "11:36:23.401 WARN  CoordinatedShutdown: Coordinated shutdown phase"
                    + " [actor-system-terminate] timed out after 10000 milliseconds"),
            CALLED));
  }

  @Test
  void decisionOfItsOwn_withoutTheMembersOfTheCluster() {
    assertEquals(
        "SplitBrainResolver: SBR took decision DownAll and is downing [solver-1, solver-2]"
            + " including myself, [1] unreachable of [2] members",
        Ending.why(
            List.of(
                "11:35:45.719 WARN  SplitBrainResolver: SBR took decision DownAll and is downing"
                    + " [akka://hrm@127.0.1.3:37081, akka://hrm@127.0.1.4:37081] including"
                    + " myself, [1] unreachable of [2] members, all members in DC"
                    + " [Member(akka://hrm@127.0.1.3:37081, Up, 0.1.0)]",
                "11:35:46.003 WARN  ActorCell: planner Actor[akka://hrm@127.0.1.4:37081/user] is"
                    + " lost; its 40 jobs go to others",
                "11:35:50.906 INFO  Departure: stopping: takes no more jobs, finishes",
                BY_ITSELF),
            CALLED));
  }

  @Test
  void noWarning_saysTheLastLine_andNothingThatThereIsNone() {
    assertEquals("Killed", Ending.why(List.of("ready node=solver-1", "Killed"), CALLED));
    assertEquals("it said nothing", Ending.why(List.of(), CALLED));
  }
}
