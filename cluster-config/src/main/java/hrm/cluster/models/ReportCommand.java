package hrm.cluster.models;

import hrm.cluster.cli.CommandException;
import hrm.model.learn.TrainingLog;
import hrm.model.learn.TrainingReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hrm report}: the curves of a training run as one HTML page. */
@Command(
    name = "report",
    mixinStandardHelpOptions = true,
    description = {
      "Make one HTML page of a training run's log: losses, accuracies, accuracy by",
      "segment, speed, settings. The page needs no other file."
    },
    footer = {"", "Example: hrm report my-model --out curves.html"})
public final class ReportCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "RUN_DIR|LOG",
      description = "A folder that hrm train has written, or its " + TrainingLog.FILE + ".")
  Path run;

  @Option(
      names = "--out",
      paramLabel = "F",
      description = "The page (default: " + TrainingReport.FILE + " beside the log).")
  Path out;

  @Override
  public Integer call() throws IOException {
    Path log = Files.isDirectory(run) ? run.resolve(TrainingLog.FILE) : run;
    Path page = out != null ? out : log.resolveSibling(TrainingReport.FILE);
    Path folder = page.toAbsolutePath().getParent();
    if (!Files.isDirectory(folder) || Files.isDirectory(page)) {
      throw CommandException.wrongInput(
          "--out %s: cannot be written; name a file in a folder that exists".formatted(page));
    }
    TrainingReport.write(log, page);
    System.out.println(page);
    return 0;
  }
}
