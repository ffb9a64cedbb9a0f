package hrm.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.typesafe.config.ConfigFactory;
import hrm.broker.EmbeddedBroker;
import hrm.broker.FreePorts;
import hrm.proto.PuzzleJob;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The rights that docker/SECURITY.md gives to commands are enough, at a broker that asks. */
class RightsIT {
  @TempDir static Path data;

  private static AclBinding may(AclOperation operation, String topic) {
    return new AclBinding(
        new ResourcePattern(ResourceType.TOPIC, topic, PatternType.LITERAL),
        new AccessControlEntry("User:ANONYMOUS", "*", operation, AclPermissionType.ALLOW));
  }

  @Test
  @Timeout(180)
  void submitResultsAndTrace_needNoMoreThanWriteAndRead() throws Exception {
    Map<String, String> asking =
        Map.of(
            "authorizer.class.name",
            "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "allow.everyone.if.no.acl.found", // topics have some, what a broker needs has none
            "true");
    try (var broker = EmbeddedBroker.start(data.resolve("kafka"), FreePorts.pair(), asking)) {
      GatewaySettings settings =
          GatewaySettings.from(
              ConfigFactory.parseString("hrm.kafka.bootstrap=\"" + broker.bootstrap() + "\"")
                  .withFallback(ConfigFactory.load())
                  .resolve());
      Topics.ensure(settings);
      Topics topics = settings.topics();
      try (Admin admin = Admin.create(KafkaProps.admin(settings))) {
        admin
            .createAcls(
                List.of(
                    may(AclOperation.WRITE, topics.jobs()),
                    may(AclOperation.READ, topics.results()),
                    may(AclOperation.READ, topics.deadLetters()),
                    may(AclOperation.READ, topics.trace())))
            .all()
            .get();
      }
      awaitRefusal(settings);
      Topics.requirePresent(settings, topics.jobs());
      Topics.requirePresent(settings, topics.results(), topics.deadLetters());
      Topics.requirePresent(settings, topics.trace());
      try (var producer = new JobProducer(settings, "/hrm/submit")) {
        var sent = producer.send(PuzzleJob.newBuilder().setId("a").build());
        producer.flush();
        sent.toCompletableFuture().get(30, TimeUnit.SECONDS);
      }
      try (var reader = ResultReader.fromBeginning(settings);
          var traces = TraceReader.fromEnd(settings)) {
        assertEquals(List.of(), reader.poll(Duration.ofMillis(100)));
        assertEquals(List.of(), traces.poll(Duration.ofMillis(100)));
      }
    }
  }

  /** Until the broker has heard of the rights: these do not let anybody look at settings. */
  private static void awaitRefusal(GatewaySettings settings) {
    while (true) {
      try {
        TopicCheck.of(settings);
      } catch (TopicAuthorizationException e) {
        assertThrows(TopicAuthorizationException.class, () -> TopicCheck.of(settings));
        return;
      }
    }
  }
}
