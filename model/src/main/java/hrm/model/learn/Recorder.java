package hrm.model.learn;

import java.io.IOException;
import java.nio.file.Path;

/** Writes what happens in a run to its log and its page, and tells the listener. */
final class Recorder implements AutoCloseable {
  private final Training.Listener listener;
  private final Path logFile;
  private final Path page;
  private final TrainingLog log;

  /**
   * @param step done before this sitting
   */
  Recorder(
      Path folder, int step, TrainSettings settings, String machine, Training.Listener listener)
      throws IOException {
    this.listener = listener;
    this.logFile = folder.resolve(TrainingLog.FILE);
    this.page = folder.resolve(TrainingReport.FILE);
    this.log = TrainingLog.append(logFile);
    log.run(step, settings, machine);
  }

  void progress(Training.Progress progress) throws IOException {
    log.progress(progress);
    listener.progress(progress);
  }

  void evaluated(int step, double seconds, Evaluation evaluation, boolean best) throws IOException {
    log.evaluation(step, seconds, "validation", evaluation, best);
    listener.evaluated(step, seconds, evaluation, best);
  }

  void page() throws IOException {
    TrainingReport.write(logFile, page);
  }

  @Override
  public void close() throws IOException {
    log.close();
  }
}
