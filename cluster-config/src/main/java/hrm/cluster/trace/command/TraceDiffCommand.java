package hrm.cluster.trace.command;

import com.google.gson.JsonObject;
import hrm.cluster.cli.CommandException;
import hrm.cluster.cli.ConfigOptions;
import hrm.cluster.cli.Json;
import hrm.cluster.trace.TraceDiff;
import hrm.cluster.trace.TraceView;
import hrm.cluster.trace.Traces;
import java.io.PrintStream;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "diff",
    description = "Say where the traces of two jobs part. The exit code is 1 if they do.",
    mixinStandardHelpOptions = true,
    footer = {"", "Example: hrm trace diff job-1 job-2"})
final class TraceDiffCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "A", description = "Job id.")
  String a;

  @Parameters(index = "1", paramLabel = "B", description = "Job id.")
  String b;

  @Option(names = "--json", description = "Print one JSON object.")
  boolean json;

  @Mixin ConfigOptions options;

  @Override
  public Integer call() throws Exception {
    try (TraceSource source = TraceSource.open(options.load())) {
      return show(source.traces(), System.out);
    }
  }

  int show(Traces traces, PrintStream out) {
    TraceView left = TraceSource.trace(traces, a, 0);
    TraceView right = TraceSource.trace(traces, b, 0);
    Optional<TraceDiff.Divergence> thoughts = TraceDiff.ofThoughts(left, right);
    Optional<TraceDiff.Divergence> messages = TraceDiff.ofMessages(left, right);
    if (json) {
      JsonObject object = new JsonObject();
      object.addProperty("same", thoughts.isEmpty() && messages.isEmpty());
      thoughts.ifPresent(found -> object.add("thoughts", json(found)));
      messages.ifPresent(found -> object.add("messages", json(found)));
      out.print(Json.line(object));
    } else {
      out.println(line("thoughts", thoughts));
      out.println(line("messages", messages));
    }
    return thoughts.isEmpty() && messages.isEmpty() ? 0 : CommandException.FAILED;
  }

  private static String line(String name, Optional<TraceDiff.Divergence> divergence) {
    return divergence
        .map(found -> "%s part at %s: %s".formatted(name, found.where(), found.what()))
        .orElse(name + " are the same");
  }

  private static JsonObject json(TraceDiff.Divergence divergence) {
    JsonObject object = new JsonObject();
    object.addProperty("where", divergence.where());
    object.addProperty("what", divergence.what());
    return object;
  }
}
