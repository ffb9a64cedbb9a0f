package hrm.cluster.trace;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import hrm.proto.TraceEvent;
import java.util.List;

/** Trace events as they are, in protobuf's JSON with the names of trace.proto, one a line. */
public final class JsonLines {
  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer().omittingInsignificantWhitespace().preservingProtoFieldNames();

  private JsonLines() {}

  public static String of(List<TraceEvent> events) {
    StringBuilder lines = new StringBuilder();
    for (TraceEvent event : events) {
      try {
        lines.append(PRINTER.print(event)).append('\n');
      } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
        // A time outside year 1 to 9999, which only a corrupt record has.
        lines.append(of(List.of(event.toBuilder().clearAt().build())));
      }
    }
    return lines.toString();
  }
}
