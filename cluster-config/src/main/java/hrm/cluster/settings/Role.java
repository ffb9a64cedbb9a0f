package hrm.cluster.settings;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What a node does; the names are also its Akka cluster roles. */
public enum Role {
  /** Takes jobs from Kafka, hands them to planners, answers to Kafka. */
  GATEWAY,
  /** High-level modules: slots, carry, halting. */
  PLANNER,
  /** Low-level modules. */
  WORKER;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * @param names of roles; {@code all} for every one
   * @throws IllegalArgumentException naming the one that is not known
   */
  static Set<Role> parse(List<String> names) {
    Set<Role> roles = EnumSet.noneOf(Role.class);
    for (String name : names) {
      if (name.equals("all")) {
        return EnumSet.allOf(Role.class);
      }
      roles.add(
          Arrays.stream(values())
              .filter(role -> role.toString().equals(name))
              .findFirst()
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "hrm.node.roles (--role, HRM_ROLES) names \"%s\"; use gateway, planner, worker or all"
                              .formatted(name))));
    }
    if (roles.isEmpty()) {
      throw new IllegalArgumentException(
          "hrm.node.roles (--role, HRM_ROLES) is empty; name gateway, planner, worker or all");
    }
    return roles;
  }
}
