package hrm.cluster.trace;

import hrm.proto.Message;
import hrm.proto.Tensor;
import hrm.proto.Times;
import hrm.proto.TraceEvent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/**
 * A message between two actors, of the events of its sending and its arrival; one of them may be
 * missing.
 *
 * @param lost whether its attempt went on, or ended, without its arrival
 * @param critical whether the attempt's end followed from it
 */
public record MessageView(
    Optional<TraceEvent> sent, Optional<TraceEvent> received, boolean lost, boolean critical) {

  /** What both events know; the sending's where both are there. */
  public TraceEvent event() {
    return sent.or(() -> received).orElseThrow();
  }

  public Message message() {
    return event().getMessage();
  }

  /** Of its sending; where that is missing, as its arrival names its cause. */
  public int sequence() {
    TraceEvent event = event();
    return sent.isPresent() || !event.hasCause() ? event.getSequence() : event.getCause();
  }

  public OptionalInt receivedSequence() {
    return received.isPresent()
        ? OptionalInt.of(received.get().getSequence())
        : OptionalInt.empty();
  }

  /** Of its sending. */
  public OptionalInt cause() {
    return sent.filter(TraceEvent::hasCause)
        .map(event -> OptionalInt.of(event.getCause()))
        .orElse(OptionalInt.empty());
  }

  public String senderNode() {
    return node(message().getSender(), sent);
  }

  public String receiverNode() {
    return node(message().getReceiver(), received);
  }

  private static String node(String path, Optional<TraceEvent> event) {
    return node(path, event.map(TraceEvent::getNode).orElse(""));
  }

  /** The node's address in an actor's path, or what is known otherwise. */
  static String node(String path, String otherwise) {
    int at = path.indexOf('@');
    int end = path.indexOf('/', Math.max(0, at));
    return at < 0 ? otherwise : end < 0 ? path : path.substring(0, end);
  }

  public boolean late() {
    return received.map(event -> event.getMessage().getLate()).orElse(false);
  }

  public long bytes() {
    return most(Message::getBytes);
  }

  /** Each part as whoever knew it has it. */
  public long nanos(ToLongFunction<Times> part) {
    return most(message -> part.applyAsLong(message.getTimes()));
  }

  private long most(ToLongFunction<Message> value) {
    return both().mapToLong(value).max().orElse(0);
  }

  /** By name, each once. */
  public List<Tensor> tensors() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    both()
        .flatMap(message -> message.getTensorsList().stream())
        .forEach(tensor -> tensors.putIfAbsent(tensor.getName(), tensor));
    return List.copyOf(tensors.values());
  }

  private Stream<Message> both() {
    return Stream.of(sent, received).flatMap(Optional::stream).map(TraceEvent::getMessage);
  }
}
