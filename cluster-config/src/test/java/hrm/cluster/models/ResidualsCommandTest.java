package hrm.cluster.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import hrm.cluster.Main;
import hrm.cluster.cli.Printed;
import hrm.cluster.jobs.Puzzles;
import hrm.model.Model;
import hrm.model.data.NpyWriter;
import hrm.model.data.Pool;
import hrm.model.learn.Residuals;
import hrm.model.puzzle.Example;
import hrm.model.puzzle.PuzzleGenerator;
import hrm.model.puzzle.Sudoku;
import hrm.model.reference.ReferenceBackend;
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** {@code hrm residuals} with the smallest bundled model. */
class ResidualsCommandTest {
  @RegisterExtension final Printed out = Printed.onStdout();
  @RegisterExtension final Printed err = Printed.onStderr();

  @TempDir Path folder;
  private Path model;

  @BeforeEach
  void prepare() throws Exception {
    System.setProperty("hrm.home", folder.toString());
    model = Path.of("../models/sudoku-4x4").toAbsolutePath().normalize();
  }

  @AfterEach
  void restore() {
    System.clearProperty("hrm.home");
  }

  private int residuals(String... more) {
    return Main.run(
        Stream.concat(
                Stream.of("residuals", "--weights", model.toString(), "--puzzles", "3"),
                Stream.of(more))
            .toArray(String[]::new));
  }

  @Test
  void figureAndNumbers_areThoseOfTheSequentialFunction() throws Exception {
    Path svg = folder.resolve("r.svg");
    Path png = folder.resolve("r.png");
    int code =
        residuals("--segments", "2", "--json", "--out", svg.toString(), "--out", png.toString());
    assertEquals(0, code, err.text());
    JsonObject json = out.json();
    Model loaded = Model.load(model);
    PuzzleGenerator generator = PuzzleGenerator.of(loaded.puzzle().orElseThrow(), Puzzles.SEED);
    List<Example> puzzles = Stream.generate(generator::next).limit(3).toList();
    Residuals expected = Residuals.of(loaded, puzzles, 2, 3, new ReferenceBackend(), done -> {});
    assertSame(expected.lowSteps(), json.getAsJsonArray("z_l"));
    assertSame(expected.highSteps(), json.getAsJsonArray("z_h"));
    assertEquals(
        "svg",
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(svg.toFile())
            .getDocumentElement()
            .getTagName());
    BufferedImage image = ImageIO.read(png.toFile());
    int[] pixels =
        image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    long colours = Arrays.stream(pixels).distinct().count();
    assertTrue(image.getWidth() >= 400 && colours > 10, image + ", " + colours + " colours");
  }

  @Test
  void folderOfSplits_isReadAtTest() throws Exception {
    PuzzleGenerator generator = PuzzleGenerator.of(Sudoku.SIZE_4, 1);
    for (String split : List.of("train", "test")) {
      NpyWriter.write(Pool.of(Sudoku.SIZE_4, List.of(generator.next())), folder, split, 0, 0);
    }
    Path svg = folder.resolve("r.svg");
    String[] all = {"--segments", "1", "--data", folder.toString(), "--out", svg.toString()};
    assertEquals(0, residuals(all), err.text());
    assertTrue(err.text().contains("read " + folder.resolve("test") + "\n"), err.text());
  }

  private static void assertSame(List<Residuals.Step> expected, JsonArray got) {
    assertEquals(expected.size(), got.size());
    for (int i = 0; i < got.size(); i++) {
      JsonObject step = got.get(i).getAsJsonObject();
      double mean = expected.get(i).mean();
      assertEquals(mean, step.get("mean").getAsDouble(), 1e-3 * mean + 1e-3, "step " + i);
    }
  }

  @Test
  void wrongInput_saysWhatToDo() {
    for (String[] wrong :
        new String[][] {
          {"--out", "r.gif", ".svg or .png"},
          {"--out", "r.svg", "--segments", "0", "--segments 0"},
          {"--out", "nosuch/r.svg", "--out nosuch/r.svg cannot be written"},
          {"--out", "r.svg", "--data", "nowhere.csv", "no such file"}
        }) {
      err.clear();
      String wanted = wrong[wrong.length - 1];
      assertEquals(2, residuals(Arrays.copyOf(wrong, wrong.length - 1)));
      String said = err.text();
      assertTrue(said.contains(wanted), said);
    }
    assertTrue(Files.notExists(folder.resolve("r.gif")));
  }
}
