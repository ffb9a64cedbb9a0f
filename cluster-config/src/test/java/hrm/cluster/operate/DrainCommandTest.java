package hrm.cluster.operate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import hrm.cluster.node.Node;
import hrm.proto.ClusterReport;
import hrm.proto.NodeReport;
import java.util.List;
import org.junit.jupiter.api.Test;

class DrainCommandTest {
  private static ClusterReport.Member member(String name, String state, String... roles) {
    return ClusterReport.Member.newBuilder()
        .setReachable(true)
        .addAllRoles(List.of(roles))
        .setReport(NodeReport.newBuilder().setName(name).setState(state))
        .build();
  }

  private static String missed(String name, ClusterReport.Member... members) {
    return DrainCommand.missed(
        name, ClusterReport.newBuilder().addAllMembers(List.of(members)).build());
  }

  @Test
  void missed_namesTheRolesThatNobodyElseServes() {
    var all = member("a", Node.SERVING, "gateway", "planner", "worker");
    var gateway = member("b", Node.SERVING, "gateway");
    var leaving = member("c", Node.DRAINING, "planner", "worker");
    assertEquals("planner and worker", missed("a", all, gateway, leaving));
    assertEquals("", missed("b", all, gateway));
    assertEquals("gateway and planner and worker", missed("a", all));
  }
}
