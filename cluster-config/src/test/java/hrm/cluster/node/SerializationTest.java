package hrm.cluster.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.ActorSystem;
import akka.serialization.Serialization;
import akka.serialization.SerializationExtension;
import com.typesafe.config.Config;
import hrm.cluster.cli.ConfigOptions;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Nothing but protobuf, and single values, is read from other nodes. */
class SerializationTest {
  /** Every serialiser that a node has. All write protobuf, but for single values and bytes. */
  private static final Map<String, String> ALLOWED =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("akka-cluster", "akka.cluster.protobuf.ClusterMessageSerializer"),
              Map.entry("akka-containers", "akka.remote.serialization.MessageContainerSerializer"),
              Map.entry(
                  "akka-data-replication",
                  "akka.cluster.ddata.protobuf.ReplicatorMessageSerializer"),
              Map.entry("akka-misc", "akka.remote.serialization.MiscMessageSerializer"),
              Map.entry(
                  "akka-pubsub", "akka.cluster.pubsub.protobuf.DistributedPubSubMessageSerializer"),
              Map.entry(
                  "akka-replicated-data", "akka.cluster.ddata.protobuf.ReplicatedDataSerializer"),
              Map.entry(
                  "akka-singleton",
                  "akka.cluster.singleton.protobuf.ClusterSingletonMessageSerializer"),
              Map.entry("akka-system-msg", "akka.remote.serialization.SystemMessageSerializer"),
              Map.entry("artery", "akka.remote.serialization.ArteryMessageSerializer"),
              Map.entry(
                  "akka-cluster-client",
                  "akka.cluster.client.protobuf.ClusterClientMessageSerializer"),
              Map.entry("akka-stream-ref", "akka.stream.serialization.StreamRefSerializer"),
              Map.entry("bytes", "akka.serialization.ByteArraySerializer"),
              Map.entry("hrm-actors", "hrm.actors.WireSerializer"),
              Map.entry("primitive-bytestring", "akka.serialization.ByteStringSerializer"),
              Map.entry("primitive-boolean", "akka.serialization.BooleanSerializer"),
              Map.entry("primitive-int", "akka.serialization.IntSerializer"),
              Map.entry("primitive-long", "akka.serialization.LongSerializer"),
              Map.entry("primitive-string", "akka.serialization.StringSerializer"),
              Map.entry(
                  "reliable-delivery",
                  "akka.cluster.typed.internal.delivery.ReliableDeliverySerializer"),
              Map.entry(
                  "service-key", "akka.actor.typed.internal.receptionist.ServiceKeySerializer"),
              Map.entry("typed-cluster", "akka.cluster.typed.internal.AkkaClusterTypedSerializer"),
              Map.entry("typed-misc", "akka.actor.typed.internal.MiscMessageSerializer")));

  /** Of Akka's test kit, which is on the class path of tests alone. */
  private static final String TEST_KIT = "java-test";

  private static final ActorSystem SYSTEM =
      ActorSystem.create(
          "hrm", new ConfigOptions().load(Map.of("akka.cluster.jmx.enabled", "off")));

  @AfterAll
  static void end() {
    SYSTEM.terminate();
  }

  @Test
  void serialisers_areThoseOfTheList() {
    Config serialisers = SYSTEM.settings().config().getConfig("akka.actor.serializers");
    Map<String, String> found = new TreeMap<>();
    serialisers.root().forEach((name, type) -> found.put(name, type.unwrapped().toString()));
    found.remove(TEST_KIT);
    String refusing = "akka.serialization.DisabledJavaSerializer";
    assertEquals(
        Map.of(
            "java", "akka.serialization.JavaSerializer",
            "daemon-create", refusing,
            "proto", refusing),
        off(found));
    assertEquals(ALLOWED, found);
  }

  /** Takes out those that throw: Akka puts the refusing one for Java's when it is off. */
  private static Map<String, String> off(Map<String, String> found) {
    Map<String, String> off = new TreeMap<>();
    for (String name : new String[] {"java", "daemon-create", "proto"}) {
      off.put(name, found.remove(name));
    }
    return off;
  }

  /** Actors are not made by order of another node. */
  @Test
  void remoteDeployment_isOff() {
    Config deployment = SYSTEM.settings().config().getConfig("akka.remote.deployment");
    assertTrue(deployment.getBoolean("enable-allow-list"));
    assertEquals(0, deployment.getList("allowed-actor-classes").size());
    Serialization serialization = SerializationExtension.get(SYSTEM);
    assertThrows(Exception.class, () -> serialization.deserialize(new byte[] {1}, 3, "").get());
  }

  @Test
  void java_isRefusedInBothDirections() {
    assertFalse(SYSTEM.settings().config().getBoolean("akka.actor.allow-java-serialization"));
    Serialization serialization = SerializationExtension.get(SYSTEM);
    assertThrows(Exception.class, () -> serialization.serialize(new java.util.ArrayList<>()).get());
    byte[] list = {(byte) 0xac, (byte) 0xed, 0, 5};
    assertThrows(
        Exception.class, () -> serialization.deserialize(list, 1, "java.util.ArrayList").get());
  }
}
