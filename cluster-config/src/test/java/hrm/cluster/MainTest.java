package hrm.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.cluster.cli.Printed;
import hrm.cluster.cli.Version;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

class MainTest {
  @RegisterExtension final Printed out = Printed.onStdout();
  @RegisterExtension final Printed err = Printed.onStderr();

  @TempDir Path folder;

  private void refuses(String sentence, String... args) {
    int code = Main.run(args);
    String said = err.text();
    assertEquals(2, code, said);
    assertTrue(said.contains(sentence), said);
    assertFalse(said.contains("\tat "), said);
    assertEquals("", out.text());
  }

  private String file(String text) throws Exception {
    return Files.writeString(folder.resolve("puzzles.txt"), text).toString();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "demo", "node", "cluster", "status", "drain", "submit", "results", "doctor", "train",
        "eval", "report", "import", "dataset", "dump", "bench", "chaos"
      })
  void help_everyCommand_showsAnExample(String command) {
    assertEquals(0, Main.run(command, "--help"));
    String help = out.text();
    assertTrue(help.contains("Example: hrm " + command), help);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "engine",
        "train",
        "pipeline",
        "scaling",
        "dispatcher",
        "distance",
        "failover",
        "trace"
      })
  void help_everyBenchmark_showsAnExample(String benchmark) {
    assertEquals(0, Main.run("bench", benchmark, "--help"));
    String help = out.text();
    assertTrue(help.contains("Example: hrm bench " + benchmark), help);
  }

  @ParameterizedTest
  @ValueSource(strings = {"node", "bench"})
  void version_isEachCommands(String command) {
    assertEquals(0, Main.run(command, "--version"));
    assertEquals("hrm " + Version.NUMBER, out.text().strip());
  }

  @Test
  void listOfCommands_hasWholeSentences() {
    assertEquals(0, Main.run("--help"));
    String help = out.text().replaceAll("\\s+", " ");
    assertTrue(
        help.contains(
            "status Show a cluster: members and roles, devices, slots, segments and ticks per"
                + " second, jobs in flight, lag, redeliveries. drain"),
        help);
  }

  @Test
  void error_isToldAndAnExitCode() {
    Callable<Integer> lacking =
        () -> {
          throw new NoClassDefFoundError("jdk/jfr/Event");
        };
    assertEquals(1, Main.run(new CommandLine(CommandSpec.wrapWithoutInspection(lacking))));
    assertTrue(err.text().contains("NoClassDefFoundError: jdk/jfr/Event"), err.text());
  }

  @Test
  void bench_impossibleNumbers_areRefused() {
    refuses("--nodes [2, 1]: give numbers of 1 or more", "bench", "scaling", "--nodes", "2,1");
    refuses("must be 1 or more", "bench", "dispatcher", "--planners", "0");
    refuses("--segments 3 or more", "bench", "distance", "--segments", "2");
  }

  @Test
  void bench_nothingToMeasure_isRefused() {
    refuses("--batches and --rounds must be 1 or more", "bench", "engine", "--batches", "0");
    refuses("--batches and --rounds must be 1 or more", "bench", "engine", "--rounds", "0");
    refuses("--batches and --rounds must be 1 or more", "bench", "train", "--batches", "8,0");
    refuses("--jobs and --rounds must be 1 or more", "bench", "pipeline", "--rounds", "0");
    refuses("--jobs and --rounds must be 1 or more", "bench", "pipeline", "--segments", "-1");
  }

  @Test
  void threads_beyondTheSettingsRange_areRefusedEverywhere() {
    for (String[] command :
        new String[][] {
          {"eval", "--weights", "w", "--data", "d"},
          {"bench", "engine"},
          {"bench", "train"},
          {"residuals", "--weights", "w", "--out", "o.svg"},
          {"dump", "--weights", "w", "--inputs", "i", "--out", "o"},
          {"train", "--set", "sudoku-4x4", "--out", folder.resolve("m").toString()}
        }) {
      for (String threads : new String[] {"-1", "1025"}) {
        err.clear();
        String[] args = Arrays.copyOf(command, command.length + 1);
        args[command.length] = "--threads=" + threads;
        refuses(
            "--threads = %s: must be from 1 to 1024, or 0 for all cores".formatted(threads), args);
      }
    }
  }

  @Test
  void chaos_reportThatCannotBeWritten_isRefusedBeforeTheRun() {
    Path nowhere = folder.resolve("nosuch/x.html");
    refuses(
        "--report " + nowhere + " cannot be written",
        "chaos",
        "--jobs=1",
        "--kills=0",
        "--freezes=0",
        "--broker-kills=0",
        "--cuts=0",
        "--report=" + nowhere);
  }

  @Test
  void ports_beyond65535_areRefusedAtOnce() throws Exception {
    refuses(
        "hrm.kafka.bootstrap (--bootstrap, HRM_KAFKA_BOOTSTRAP) = foo:99999: must be",
        "submit",
        file("1...............\n"),
        "--bootstrap",
        "foo:99999");
    refuses(
        "akka.remote.artery.canonical.port (--port, HRM_PORT) = 99999: must be from 0 to 65535",
        "node",
        "--port",
        "99999");
  }

  @Test
  void node_misspeltAddress_isNamedWithItsLine() throws Exception {
    String file = file("\nakka.remote.artery.canonical.prt = 2551\n");
    refuses(
        "puzzles.txt: 2: akka.remote.artery.canonical.prt is not a setting",
        "node",
        "--config",
        file);
  }

  @Test
  void submit_deadlineWithoutUnit_orInThePast_isRefused() throws Exception {
    String file = file("1...............\n");
    refuses("--deadline 90: must be a number with its unit", "submit", file, "--deadline", "90");
    refuses("--deadline 0s: must be above 0", "submit", file, "--deadline", "0s");
  }

  @Test
  void results_limitOfNone_isRefused() {
    refuses("--limit 0: must be 1 or more", "results", "--limit", "0");
  }

  @Test
  void trace_optionsThatDoNotGoTogether_areRefusedBeforeABrokerIsAsked() {
    refuses("--tick shows text", "trace", "a", "--tick", "1", "--json");
    refuses("--tick shows text", "trace", "a", "--tick", "1", "--export", "jsonl");
    refuses("--failed and --limit are of the list", "trace", "a", "--failed");
    refuses("--failed and --limit are of the list", "trace", "a", "--limit", "3");
    refuses("--tick 0: must be 1 or more", "trace", "a", "--tick", "0");
  }

  @Test
  void node_simulatedTickOutOfRange_isNamed() throws Exception {
    refuses(
        "hrm.model.simulated-tick = 2h: must be from 0s to 1m",
        "node",
        "--config",
        file("hrm.model.simulated-tick = 2h\n"));
  }

  @Test
  void command_unknown_isRefused() {
    refuses("see hrm --help", "solve");
  }

  @Test
  void option_unknown_isRefused() {
    refuses("hrm demo: Unknown option: '--puzzels'; see hrm demo --help", "demo", "--puzzels");
  }

  @Test
  void demo_noPuzzles_isRefused() {
    refuses("--puzzles 0: must be 1 or more", "demo", "--puzzles", "0");
  }

  @Test
  void demo_unknownSet_namesTheSets() {
    refuses("use sudoku-4x4, sudoku-6x6, sudoku-9x9", "demo", "--set", "sudoku-5x5");
  }

  @Test
  void submit_missingFile_isRefused() {
    refuses("no-such-file: there is no such file", "submit", "no-such-file");
  }

  @Test
  void submit_folder_isRefused() {
    refuses(folder + ": is a folder; give a file of puzzles", "submit", folder.toString());
  }

  @Test
  void submit_csvWithoutTheColumn_isRefusedOnce() throws Exception {
    String file = file("puzzle,solution\n" + "1...............,\n".repeat(3));
    refuses(
        file + ":1: the first line names no column question: puzzle,solution; begin CSV with",
        "submit",
        file);
    assertFalse(err.text().contains("characters"), err.text());
  }

  @Test
  void submit_badLine_isNamedAndNothingIsSent() throws Exception {
    String file = file("# two puzzles\n\n1...............\n1..x............\n");
    refuses("1 of 2 lines are not puzzles", "submit", file);
    refuses(file + ":4: row 1, column 4: symbol 'x' is not allowed", "submit", file);
  }

  @Test
  void submit_unknownPolicy_namesThePolicies() throws Exception {
    refuses(
        "use max-steps, q-head or verified",
        "submit",
        file("1...............\n"),
        "--policy",
        "never");
  }

  @Test
  void node_missingConfig_isRefused() {
    refuses(
        "--config (HRM_CONFIG) no-such.conf: there is no such file",
        "node",
        "--config",
        "no-such.conf");
  }

  @Test
  void node_misspeltSetting_isNamedWithItsLine() throws Exception {
    String file = file("hrm {\n  kafka.bootstap = \"x:1\"\n}\n");
    refuses("puzzles.txt: 2: hrm.kafka.bootstap is not a setting", "node", "--config", file);
  }

  @Test
  void node_settingOutOfRange_isNamed() throws Exception {
    String file = file("hrm.model.threads = -3\n");
    refuses("hrm.model.threads = -3: must be from 1 to 1024", "node", "--config", file);
  }

  @Test
  void cluster_wrongOptions_areRefused() {
    refuses("--nodes 0: must be from 1 to 32", "cluster", "--nodes", "0");
    refuses("--split needs --nodes 2 or more", "cluster", "--nodes", "1", "--split");
    refuses("--puzzles 0: must be 1 or more", "cluster", "--puzzles", "0");
  }

  @Test
  void statusAndDrain_wrongAddress_isRefused() {
    refuses("--node here: use HOST:PORT", "status", "--node", "here");
    refuses("--node here: use HOST:PORT", "drain", "n", "--node", "here");
    refuses("Missing required parameter: 'NODE'", "drain");
  }

  @Test
  void broker_withoutTheLauncher_isRefused() {
    refuses("start it with the hrm launcher", "broker", "--port", "9092");
  }
}
