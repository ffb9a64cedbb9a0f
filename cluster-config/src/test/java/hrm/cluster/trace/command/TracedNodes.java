package hrm.cluster.trace.command;

import hrm.actors.CountingSerializer;
import hrm.cluster.node.LocalActors;
import hrm.cluster.settings.Role;
import hrm.model.Backend;
import hrm.model.Model;
import hrm.proto.HaltingPolicy;
import hrm.proto.JobOptions;
import hrm.proto.Message;
import hrm.proto.PuzzleJob;
import hrm.proto.TraceChoice;
import hrm.proto.TraceEvent;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Nodes without Kafka that are traced, and what their traces have told so far. */
final class TracedNodes implements BeforeEachCallback, AfterEachCallback {
  final Queue<TraceEvent> events = new ConcurrentLinkedQueue<>();

  @Override
  public void beforeEach(ExtensionContext context) {
    System.setProperty("hrm.home", Path.of("..").toAbsolutePath().normalize().toString());
    CountingSerializer.clear();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    System.clearProperty("hrm.home");
  }

  LocalActors node(Set<Role> roles, List<String> seeds, Model model, Backend backend)
      throws Exception {
    Map<String, Object> settings = new HashMap<>();
    settings.put("hrm.actors.lanes", 1);
    settings.put("hrm.actors.max-lanes", 2);
    settings.put("hrm.actors.slots-per-lane", 2);
    settings.put("hrm.actors.prefetch", 2);
    settings.put("akka.actor.serializers.hrm-actors", CountingSerializer.class.getName());
    return new LocalActors(roles, seeds, settings, model, backend, events::add);
  }

  static PuzzleJob job(Model model, int number, String text, int segments) {
    return PuzzleJob.newBuilder()
        .setId("job-" + number)
        .setText(text)
        .setModel(model.name())
        .setOptions(
            JobOptions.newBuilder()
                .setHalting(HaltingPolicy.MAX_STEPS)
                .setMaxSegments(segments)
                .setTrace(TraceChoice.TRACE_ON))
        .build();
  }

  Stream<Message> messages(String type, Message.Step step) {
    return events.stream()
        .map(TraceEvent::getMessage)
        .filter(message -> message.getType().equals(type) && message.getStep() == step);
  }

  long sent(String type) {
    return messages(type, Message.Step.SENT).count();
  }

  long received(String type) {
    return messages(type, Message.Step.RECEIVED).count();
  }
}
