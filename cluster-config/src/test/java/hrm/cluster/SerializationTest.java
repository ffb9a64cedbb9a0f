package hrm.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import akka.actor.ActorSystem;
import akka.serialization.Serialization;
import akka.serialization.SerializationExtension;
import com.typesafe.config.Config;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Nothing but protobuf, and single values, is read from other nodes. */
class SerializationTest {
  /** Every serialiser that a node has. All write protobuf, but for the primitive ones. */
  private static final Map<String, String> ALLOWED =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("akka-cluster", "akka.cluster.protobuf.ClusterMessageSerializer"),
              Map.entry("akka-containers", "akka.remote.serialization.MessageContainerSerializer"),
              Map.entry("akka-data-replication", "akka.cluster.ddata.protobuf.ReplicatorMessageSerializer"),
              Map.entry("akka-misc", "akka.remote.serialization.MiscMessageSerializer"),
              Map.entry("akka-pubsub", "akka.cluster.pubsub.protobuf.DistributedPubSubMessageSerializer"),
              Map.entry("akka-replicated-data", "akka.cluster.ddata.protobuf.ReplicatedDataSerializer"),
              Map.entry("akka-singleton", "akka.cluster.singleton.protobuf.ClusterSingletonMessageSerializer"),
              Map.entry("akka-system-msg", "akka.remote.serialization.SystemMessageSerializer"),
              Map.entry("artery", "akka.remote.serialization.ArteryMessageSerializer"),
              Map.entry("cluster-client", "akka.cluster.client.protobuf.ClusterClientMessageSerializer"),
              Map.entry("daemon-create", "akka.remote.serialization.DaemonMsgCreateSerializer"),
              Map.entry("hrm-actors", "hrm.actors.WireSerializer"),
              Map.entry("primitive-bytestring", "akka.remote.serialization.ByteStringSerializer"),
              Map.entry("primitive-boolean", "akka.remote.serialization.BooleanSerializer"),
              Map.entry("primitive-int", "akka.remote.serialization.IntSerializer"),
              Map.entry("primitive-long", "akka.remote.serialization.LongSerializer"),
              Map.entry("primitive-string", "akka.remote.serialization.StringSerializer"),
              Map.entry("reliable-delivery", "akka.cluster.typed.internal.delivery.ReliableDeliverySerializer"),
              Map.entry("typed-cluster", "akka.cluster.typed.internal.AkkaClusterTypedSerializer"),
              Map.entry("typed-misc", "akka.actor.typed.internal.MiscMessageSerializer")));

  /** In Akka's reference, and off: they throw. */
  private static final Map<String, String> DISABLED =
      Map.of("java", "akka.serialization.JavaSerializer", "proto", "akka.remote.serialization.ProtobufSerializer", "bytes", "akka.serialization.ByteArraySerializer");

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
    serialisers
        .root()
        .forEach((name, type) -> found.put(name, type.unwrapped().toString()));
    found.keySet().removeAll(DISABLED.keySet());
    assertEquals(ALLOWED, found);
  }

  @Test
  void java_isRefusedInBothDirections() {
    assertFalse(SYSTEM.settings().config().getBoolean("akka.actor.allow-java-serialization"));
    Serialization serialization = SerializationExtension.get(SYSTEM);
    assertThrows(
        Exception.class,
        () -> serialization.serialize(new java.util.ArrayList<>()).get());
    byte[] list = {(byte) 0xac, (byte) 0xed, 0, 5};
    assertThrows(
        Exception.class, () -> serialization.deserialize(list, 1, "java.util.ArrayList").get());
  }
}
