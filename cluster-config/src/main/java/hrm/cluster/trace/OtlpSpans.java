package hrm.cluster.trace;

import com.google.protobuf.ByteString;
import hrm.proto.Cycle;
import hrm.proto.Halted;
import hrm.proto.Message;
import hrm.proto.Times;
import hrm.proto.TraceEvent;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The spans of one run of an attempt: the job, in it each cycle, in that each tick. A message is an
 * event of its cycle's span, or of the job's outside cycles. The ticks of a cycle share the
 * worker's time evenly: they are not timed one by one.
 */
final class OtlpSpans {
  private final TraceView trace;
  private final TraceIds ids;
  private final String run; // of which attempt
  private final ByteString root;
  private final List<Span> spans = new ArrayList<>();
  private final Map<List<Integer>, Span.Builder> cycles = new HashMap<>();

  private OtlpSpans(TraceView trace) {
    this.trace = trace;
    ids = TraceIds.of(trace.job().id(), trace.traceparent());
    String attempt = Integer.toString(trace.attempt());
    run = trace.run() == 0 ? attempt : attempt + "/" + Long.toHexString(trace.run());
    root = ids.span(run);
  }

  static List<Span> of(TraceView trace) {
    return new OtlpSpans(trace).build();
  }

  private List<Span> build() {
    List<Long> times =
        trace.events().stream().flatMap(e -> Attempt.at(e).stream()).map(OtlpSpans::nanos).toList();
    long first = times.stream().min(Long::compare).orElse(0L);
    long last = times.stream().max(Long::compare).orElse(0L);
    Span.Builder job =
        span(root, ids.parent(), "job", first, last).setKind(Span.SpanKind.SPAN_KIND_CONSUMER);
    describe(job);
    List<Span.Builder> builders = new ArrayList<>(List.of(job));
    for (CycleView cycle : trace.cycles()) {
      builders.add(cycle(cycle));
    }
    for (MessageView message : trace.messages()) {
      place(message, job).addEvents(event(message));
    }
    builders.forEach(builder -> spans.add(builder.build()));
    return spans;
  }

  private void describe(Span.Builder job) {
    job.addAttributes(attribute("hrm.job.id", trace.job().id()))
        .addAttributes(attribute("hrm.attempt", trace.attempt()))
        .addAttributes(attribute("hrm.model", trace.job().model()))
        .addAttributes(attribute("hrm.convergence", trace.convergence().mark().toString()));
    if (trace.truncated() || !trace.gaps().isEmpty()) {
      job.addAttributes(attribute("hrm.incomplete", "true"));
    }
    trace.events().stream()
        .filter(TraceEvent::hasHalted)
        .map(TraceEvent::getHalted)
        .forEach(halted -> end(job, halted));
  }

  private static void end(Span.Builder job, Halted halted) {
    String reason = TraceJson.reason(halted.getReason());
    job.addAttributes(attribute("hrm.segments", halted.getSegments()))
        .addAttributes(attribute("hrm.solved", halted.getSolved() ? "true" : "false"))
        .addAttributes(attribute("hrm.halt_reason", reason.isEmpty() ? "GIVEN_UP" : reason))
        .setStatus(
            Status.newBuilder()
                .setCode(
                    reason.isEmpty()
                        ? Status.StatusCode.STATUS_CODE_ERROR
                        : Status.StatusCode.STATUS_CODE_OK));
  }

  private Span.Builder cycle(CycleView view) {
    Cycle cycle = view.cycle();
    TraceEvent event = view.event();
    long end = Attempt.at(event).map(OtlpSpans::nanos).orElse(0L);
    long worker = end - cycle.getPlannerNanos() - cycle.getWorkerNanos();
    List<Integer> place = List.of(event.getHand(), cycle.getSegment(), cycle.getCycle());
    ByteString id = ids.span(run, place);
    Span.Builder span =
        span(id, root, "cycle", worker, end)
            .addAttributes(attribute("hrm.segment", cycle.getSegment()))
            .addAttributes(attribute("hrm.cycle", cycle.getCycle()))
            .addAttributes(attribute("hrm.hand", event.getHand()))
            .addAttributes(attribute("hrm.worker", cycle.getWorker()))
            .addAttributes(attribute("hrm.node", event.getNode()))
            .addAttributes(attribute("hrm.z_h.residual", cycle.getZHResidual()))
            .addAttributes(attribute("hrm.changed", view.changed().size()))
            .addAttributes(attribute("hrm.conflicts", view.conflicts().size()));
    int ticks = cycle.getZLResidualsCount();
    for (int tick = 0; tick < ticks; tick++) {
      spans.add(
          span(
                  ids.span(run, place, tick + 1),
                  id,
                  "tick",
                  worker + cycle.getWorkerNanos() * tick / ticks,
                  worker + cycle.getWorkerNanos() * (tick + 1) / ticks)
              .addAttributes(attribute("hrm.tick", tick + 1))
              .addAttributes(attribute("hrm.z_l.residual", cycle.getZLResiduals(tick)))
              .build());
    }
    cycles.put(place, span);
    return span;
  }

  private Span.Builder place(MessageView message, Span.Builder job) {
    Message sent = message.message();
    return cycles.getOrDefault(
        List.of(message.event().getHand(), sent.getSegment(), sent.getCycle()), job);
  }

  private static Span.Event event(MessageView view) {
    Message message = view.message();
    Span.Event.Builder event =
        Span.Event.newBuilder()
            .setName(message.getType())
            .setTimeUnixNano(Attempt.at(view.event()).map(OtlpSpans::nanos).orElse(0L))
            .addAttributes(attribute("hrm.message.id", message.getId()))
            .addAttributes(attribute("hrm.sequence", view.sequence()))
            .addAttributes(attribute("hrm.sender", message.getSender()))
            .addAttributes(attribute("hrm.receiver", message.getReceiver()))
            .addAttributes(attribute("hrm.bytes", view.bytes()))
            .addAttributes(attribute("hrm.mailbox_nanos", view.nanos(Times::getMailboxNanos)))
            .addAttributes(attribute("hrm.compute_nanos", view.nanos(Times::getComputeNanos)))
            .addAttributes(attribute("hrm.network_nanos", view.nanos(Times::getNetworkNanos)));
    if (view.lost() || view.late()) {
      event.addAttributes(attribute("hrm.fate", view.lost() ? "lost" : "late"));
    }
    return event.build();
  }

  private Span.Builder span(ByteString id, ByteString parent, String name, long from, long to) {
    return Span.newBuilder()
        .setTraceId(ids.trace())
        .setSpanId(id)
        .setParentSpanId(parent)
        .setName(name)
        .setKind(Span.SpanKind.SPAN_KIND_INTERNAL)
        .setStartTimeUnixNano(Math.min(from, to))
        .setEndTimeUnixNano(to);
  }

  private static long nanos(Instant at) {
    return at.getEpochSecond() * 1_000_000_000L + at.getNano();
  }

  static KeyValue attribute(String key, String value) {
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setStringValue(value))
        .build();
  }

  private static KeyValue attribute(String key, long value) {
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setIntValue(value))
        .build();
  }

  private static KeyValue attribute(String key, float value) {
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setDoubleValue(value))
        .build();
  }
}
