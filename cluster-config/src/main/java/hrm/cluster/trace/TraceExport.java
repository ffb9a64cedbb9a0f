package hrm.cluster.trace;

import hrm.cluster.cli.Version;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Forms in which a trace goes to other tools. */
public enum TraceExport {
  JSONL("jsonl"),
  PERFETTO("perfetto.json"),
  SHIVIZ("shiviz.log"),
  OTLP("otlp.json");

  /** What a file's name ends in. */
  public final String ending;

  TraceExport(String ending) {
    this.ending = ending;
  }

  public static Optional<TraceExport> named(String name) {
    return Arrays.stream(values()).filter(e -> e.toString().equals(name)).findFirst();
  }

  /** For messages. */
  public static String names() {
    return Arrays.stream(values()).map(TraceExport::toString).collect(Collectors.joining(", "));
  }

  public String of(TraceView trace) {
    return switch (this) {
      case JSONL -> JsonLines.of(trace.events());
      case PERFETTO -> Perfetto.of(trace);
      case SHIVIZ -> ShiViz.of(trace);
      case OTLP -> Otlp.json(trace, Version.NUMBER);
    };
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
