package hrm.cluster.operate;

import com.google.gson.JsonObject;
import hrm.cluster.cli.CommandException;
import hrm.cluster.cli.ConfigOptions;
import hrm.cluster.cli.Home;
import hrm.cluster.cli.Json;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "doctor",
    description =
        "Check this machine, the settings, certificates, seeds, Kafka and models: each ok, or what"
            + " to do.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "The exit code is 0 only if nothing that a node needs is missing; a GPU is not needed.",
      "",
      "Example: hrm doctor --bootstrap 127.0.0.1:9092"
    })
public final class DoctorCommand implements Callable<Integer> {
  @Option(names = "--json", description = "Print one JSON object a line.")
  boolean json;

  @Mixin ConfigOptions options;

  @Override
  public Integer call() {
    List<Checkup.Finding> findings = new Checkup(options.load(), Home.get()).all();
    findings.forEach(this::print);
    boolean fit = findings.stream().noneMatch(Checkup.Finding::isMissing);
    return fit ? 0 : CommandException.FAILED;
  }

  private void print(Checkup.Finding finding) {
    if (json) {
      JsonObject object = new JsonObject();
      object.addProperty("check", finding.check());
      object.addProperty("ok", finding.ok());
      object.addProperty("required", finding.required());
      object.addProperty("says", finding.says());
      Json.print(object);
    } else {
      System.out.printf("%-8s %-5s %s%n", finding.check(), finding.mark(), finding.says());
    }
  }
}
