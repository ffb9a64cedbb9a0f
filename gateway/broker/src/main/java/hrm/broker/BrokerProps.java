package hrm.broker;

import java.nio.file.Path;
import java.util.Properties;

/** server.properties of the one node: broker and controller (KIP-500), on loopback alone. */
final class BrokerProps {
  private BrokerProps() {}

  /** The controller listens on {@code port + 1}. */
  static Properties of(Path dir, int port) {
    var p = new Properties();
    identity(p, dir, port);
    oneReplica(p);
    patience(p);
    size(p);
    return p;
  }

  private static void identity(Properties p, Path dir, int port) {
    String broker = "PLAINTEXT://127.0.0.1:" + port;
    String controller = "127.0.0.1:" + (port + 1);
    p.put("process.roles", "broker,controller");
    p.put("node.id", Integer.toString(EmbeddedBroker.NODE_ID));
    p.put("listeners", broker + "," + EmbeddedBroker.CONTROLLER + "://" + controller);
    p.put("advertised.listeners", broker);
    p.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    p.put("inter.broker.listener.name", "PLAINTEXT");
    p.put("controller.listener.names", EmbeddedBroker.CONTROLLER);
    p.put("controller.quorum.voters", EmbeddedBroker.NODE_ID + "@" + controller);
    p.put("log.dirs", dir.toAbsolutePath().toString());
    p.put("auto.create.topics.enable", "false");
  }

  private static void oneReplica(Properties p) {
    for (String topic :
        new String[] {"offsets.topic", "transaction.state.log", "share.coordinator.state.topic"}) {
      p.put(topic + ".replication.factor", "1");
      p.put(topic + ".num.partitions", "4");
    }
    p.put("transaction.state.log.min.isr", "1");
    p.put("share.coordinator.state.topic.min.isr", "1");
    p.put("default.replication.factor", "1");
    p.put("min.insync.replicas", "1");
  }

  private static void patience(Properties p) {
    // After kill -9 the controller refuses the new incarnation until the old session has expired.
    p.put("broker.session.timeout.ms", "3000");
    p.put("broker.heartbeat.interval.ms", "500");
    // KIP-848: sessions of group members are the broker's to set; 45 s and 5 s otherwise.
    for (String group : new String[] {"group.consumer", "group.share"}) {
      p.put(group + ".min.session.timeout.ms", "3000");
      p.put(group + ".session.timeout.ms", "6000");
      p.put(group + ".min.heartbeat.interval.ms", "500");
      p.put(group + ".heartbeat.interval.ms", "1000");
    }
    p.put("group.min.session.timeout.ms", "3000");
    p.put("group.initial.rebalance.delay.ms", "0");
    p.put("offsets.retention.minutes", "20160"); // longer than jobs are kept
  }

  private static void size(Properties p) {
    p.put("message.max.bytes", Integer.toString(16 << 20));
    p.put("num.network.threads", "2");
    p.put("num.io.threads", "4");
    p.put("background.threads", "2");
    p.put("log.cleaner.dedupe.buffer.size", "2097152");
    p.put("log.segment.bytes", "67108864");
  }
}
