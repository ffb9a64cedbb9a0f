package hrm.cluster.settings;

import com.typesafe.config.Config;
import hrm.cluster.cli.Allowed;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;

/** What {@code hrm.node} says; every key is explained in node.conf. */
public record NodeSettings(
    String name,
    Set<Role> roles,
    List<String> seeds,
    Duration joinTimeout,
    Duration stopTimeout,
    Duration clockOffset) {
  /** What a port looks like, 0 to 65535. */
  public static final String PORT =
      "([0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])";

  public NodeSettings {
    Allowed.require(
        name.matches("[a-zA-Z0-9._-]{0,128}"),
        "hrm.node.name",
        name,
        "at most 128 of the characters a-z A-Z 0-9 . _ -");
    for (String seed : seeds) {
      if (!seed.matches("\\S+:" + PORT)) {
        throw new IllegalArgumentException(
            "hrm.node.seeds (--seed, HRM_SEEDS) names \"%s\"; use HOST:PORT, with a port up to 65535"
                .formatted(seed));
      }
    }
    Allowed.between(
        "hrm.node.join-timeout", joinTimeout, Duration.ofSeconds(1), Duration.ofHours(1));
    Allowed.between(
        "hrm.node.stop-timeout", stopTimeout, Duration.ofSeconds(1), Duration.ofHours(1));
    Allowed.between("hrm.node.clock-offset", clockOffset, Duration.ofDays(-1), Duration.ofDays(1));
  }

  static NodeSettings from(Config root) {
    Allowed.between(
        "akka.remote.artery.canonical.port (--port, HRM_PORT)",
        root.getInt("akka.remote.artery.canonical.port"),
        0,
        65_535);
    Config config = root.getConfig("hrm.node");
    return new NodeSettings(
        config.getString("name"),
        Role.parse(Texts.list(config, "roles")),
        Texts.list(config, "seeds"),
        config.getDuration("join-timeout"),
        config.getDuration("stop-timeout"),
        config.getDuration("clock-offset"));
  }

  /** As Akka names the nodes to join by. */
  public List<String> seedNodes() {
    return seeds.stream().map(seed -> "akka://hrm@" + seed).toList();
  }

  public InstantSource clock() {
    return InstantSource.offset(InstantSource.system(), clockOffset);
  }
}
