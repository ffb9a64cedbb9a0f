package hrm.model.learn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.model.HrmConfig;
import hrm.model.Model;
import hrm.model.Weights;
import hrm.model.puzzle.Example;
import hrm.model.puzzle.PuzzleGenerator;
import hrm.model.puzzle.Sudoku;
import hrm.model.reference.ReferenceBackend;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;

class ResidualsTest {
  private static final HrmConfig CONFIG =
      HrmConfig.parse(
          """
          {"seq_len": 16, "vocab_size": 6, "puzzle_emb_ndim": 0, "hidden_size": 32, "num_heads": 4,
           "H_layers": 1, "L_layers": 1, "H_cycles": 2, "L_cycles": 3, "halt_max_steps": 4,
           "mlp_t": true, "pos_encodings": "none", "puzzle": "sudoku-4x4"}
          """);
  private static final Model MODEL = new Model("a<b", CONFIG, Weights.random(CONFIG, 7), "");

  private static Residuals of(int puzzles, int batch) {
    PuzzleGenerator generator = PuzzleGenerator.of(Sudoku.SIZE_4, 5);
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < puzzles; i++) {
      examples.add(generator.next());
    }
    return Residuals.of(MODEL, examples, 2, batch, new ReferenceBackend(), done -> {});
  }

  @Test
  void residuals_doNotDependOnTheBatch() {
    Residuals one = of(5, 1);
    Residuals two = of(5, 2);
    assertEquals(2 * 2 * 3, one.low().length);
    assertEquals(2 * 2, one.high().length);
    for (int tick = 0; tick < one.low().length; tick++) {
      org.junit.jupiter.api.Assertions.assertArrayEquals(one.low()[tick], two.low()[tick]);
    }
    org.junit.jupiter.api.Assertions.assertArrayEquals(one.high()[3], two.high()[3]);
    assertTrue(IntStream.range(0, 5).allMatch(p -> one.high()[0][p] > 0));
  }

  @Test
  void steps_areMeanAndPercentiles() {
    float[] step = new float[11];
    for (int i = 0; i < step.length; i++) {
      step[i] = 10 - i;
    }
    Residuals residuals = new Residuals(1, 1, 64, new float[][] {step}, new float[][] {step});
    assertEquals(new Residuals.Step(5, 1, 9), residuals.lowSteps().get(0));
  }

  @Test
  void puzzlesOfAnotherKind_areRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () ->
            Residuals.of(
                MODEL,
                List.of(new Example(new int[81], new int[81])),
                1,
                1,
                new ReferenceBackend(),
                done -> {}));
    assertThrows(IllegalArgumentException.class, () -> of(0, 1));
  }

  @Test
  void figure_isAnSvgDocument_withAPointAStep() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new ResidualChart(of(3, 3), MODEL.name()).svg(out);
    Element svg =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(out.toByteArray()))
            .getDocumentElement();
    assertEquals("svg", svg.getTagName());
    assertEquals(12 + 4, svg.getElementsByTagName("circle").getLength());
    assertTrue(svg.getElementsByTagName("title").item(0).getTextContent().startsWith("a<b: "));
  }

  @Test
  void figure_isAPng_withBothColours() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new ResidualChart(of(3, 3), MODEL.name()).png(out);
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(out.toByteArray()));
    int[] pixels =
        image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    for (int colour : new int[] {0xff1f77b4, 0xffd6522c, 0xffffffff}) {
      assertTrue(IntStream.of(pixels).anyMatch(p -> p == colour), Integer.toHexString(colour));
    }
  }

  @Test
  void stateThatRests_isDrawnAtTheBottom() throws Exception {
    float[][] still = {{0f, 0f}};
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new ResidualChart(new Residuals(1, 1, 64, still, still), "m").svg(out);
    assertTrue(!out.toString().contains("NaN") && !out.toString().contains("Infinity"));
  }
}
