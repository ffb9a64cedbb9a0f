package hrm.cluster.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import hrm.cluster.Main;
import hrm.cluster.cli.Printed;
import hrm.model.Model;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The command itself; what checkpoints may hold is tested in the model module. */
class ImportCommandTest {
  private static final Path TINY =
      Path.of("../model/src/test/resources/fixtures/tiny_checkpoint_step_0.pt");

  @RegisterExtension final Printed out = Printed.onStdout();
  @RegisterExtension final Printed err = Printed.onStderr();

  @TempDir Path folder;

  @BeforeEach
  void listen() throws IOException {
    Files.writeString(
        folder.resolve("arch.yaml"),
        "arch: {H_cycles: 2, L_cycles: 2, num_heads: 2, pos_encodings: rope, halt_max_steps: 4}");
  }

  private String at(String name) {
    return folder.resolve(name).toString();
  }

  private int run(String checkpoint, String... more) {
    String[] args = {"import", checkpoint, "--config", at("arch.yaml"), "--out", at("model")};
    String[] all = Arrays.copyOf(args, args.length + more.length);
    System.arraycopy(more, 0, all, args.length, more.length);
    return Main.run(all);
  }

  private void refuses(String what, String checkpoint, String... more) {
    assertEquals(2, run(checkpoint, more));
    String said = err.text();
    assertTrue(said.startsWith("hrm import: ") && said.contains(what), said);
    assertEquals(1, said.lines().count(), said);
    assertEquals("", out.text());
    assertFalse(Files.exists(folder.resolve("model")));
  }

  private String checkpoint(String pickle) throws IOException {
    return zip(pickle.getBytes(StandardCharsets.ISO_8859_1));
  }

  private String zip(byte[] pickle) throws IOException {
    try (OutputStream file = Files.newOutputStream(folder.resolve("step_1"));
        ZipOutputStream zip = new ZipOutputStream(file)) {
      zip.putNextEntry(new ZipEntry("step_1/data.pkl"));
      zip.write(pickle);
    }
    return at("step_1");
  }

  @Test
  void import_toFolder_isAModel() throws IOException {
    assertEquals(0, run(TINY.toString(), "--puzzle", "sudoku-4x4", "--json"), err.text());
    JsonObject json = out.json();
    assertEquals(16, json.getAsJsonObject("config").get("seq_len").getAsInt());
    assertFalse(json.get("ema").getAsBoolean());
    Model model = Model.load(folder.resolve("model"));
    assertEquals(json.get("parameters").getAsLong(), model.weights().parameters());
    assertEquals("sudoku-4x4", model.config().puzzle());
    assertTrue(Files.exists(folder.resolve("model/README.md")));
  }

  @Test
  void import_toFile_putsConfigAndCardBesideIt() throws IOException {
    String file = at("new/tiny.safetensors");
    assertEquals(
        0,
        Main.run(
            "import",
            TINY.toString(),
            "--H-cycles",
            "2",
            "--L-cycles",
            "2",
            "--num-heads",
            "2",
            "--pos-encodings",
            "rope",
            "--seq-len",
            "16",
            "--out",
            file),
        err.text());
    assertEquals(2, Model.load(Path.of(file)).config().hCycles());
    assertTrue(Files.exists(folder.resolve("new/README.md")));
    assertTrue(out.text().startsWith(file), out.text());
  }

  @Test
  void import_missingSize_namesTheOption() {
    refuses("--puzzle such as sudoku-9x9, or --seq-len", TINY.toString());
  }

  @Test
  void import_missingFile_isRefused() {
    refuses("nothing: there is no such file", at("nothing"));
  }

  @Test
  void import_pickleThatRunsACommand_isRefusedAndRunsNothing() throws IOException {
    Path ran = folder.resolve("ran");
    refuses(
        "asks for posix.system",
        checkpoint(
            "\u0080\2cposix\nsystem\n(U"
                + (char) (6 + ran.toString().length())
                + "touch "
                + ran
                + "tR."));
    assertFalse(Files.exists(ran));
  }

  @Test
  void import_otherArchitecture_isRefused() throws IOException {
    String name = "model.layers.0.self_attn.q_proj.weight";
    String pickle =
        "\u0080\2}U"
            + (char) name.length()
            + name
            + "ctorch._utils\n_rebuild_tensor_v2\n((U\7storagectorch\nFloatStorage\nU\0010U\3cpuK\0tQK\0K\0\u0085K\1\u0085\u0089}tRs.";
    Files.createDirectories(folder);
    try (OutputStream file = Files.newOutputStream(folder.resolve("llama"));
        ZipOutputStream zip = new ZipOutputStream(file)) {
      zip.putNextEntry(new ZipEntry("llama/data.pkl"));
      zip.write(pickle.getBytes(StandardCharsets.ISO_8859_1));
      zip.putNextEntry(new ZipEntry("llama/data/0"));
    }
    refuses("is of another architecture", at("llama"));
  }

  @Test
  void import_zipBomb_isRefused() throws IOException {
    refuses("zip bomb", zip(new byte[8 << 20]));
  }

  @Test
  void import_truncatedFile_isRefused() throws IOException {
    byte[] bytes = Files.readAllBytes(TINY);
    Files.write(folder.resolve("cut"), Arrays.copyOf(bytes, 100_000));
    refuses("cut short", at("cut"));
  }
}
