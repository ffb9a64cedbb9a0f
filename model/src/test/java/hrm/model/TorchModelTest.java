package hrm.model;

import static hrm.model.GoldenTest.close;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.model.puzzle.PuzzleKind;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What PyTorch trained, Java computes: a small model from model/gpu/train.py, by expect.py. */
class TorchModelTest {
  private static final int PUZZLES = 8;

  @ParameterizedTest
  @MethodSource("hrm.model.GoldenTest#backends")
  void model_trainedByPyTorch_hasItsOutputsAndSolves(Backend backend) throws Exception {
    Path folder = Path.of(TorchModelTest.class.getResource("/torch").toURI());
    Model model = Model.load(folder);
    Fixtures expected = Fixtures.safetensors("../torch/expected.safetensors");
    int[][] inputs = expected.rows("inputs", PUZZLES);
    int[] fresh = new int[PUZZLES];
    java.util.Arrays.fill(fresh, -1);
    try (HighLevel high = model.highLevel(backend);
        LowLevel low = model.lowLevel(backend)) {
      Hrm hrm = new Hrm(high, low, model.config());
      Carry carry = high.seat(null, fresh);
      HiddenState emb = high.embed(inputs, new int[PUZZLES]);
      Heads heads = null;
      for (int s = 0; s < 4; s++) {
        Hrm.Segment segment = hrm.segment(carry, emb);
        carry = segment.carry();
        heads = segment.heads();
        String at = "seg" + s;
        close(at + " logits", expected.get(at + ".logits"), heads.logits(), 1, 5e-5);
        close(at + " q_halt", expected.get(at + ".q_halt"), heads.qHalt(), 1, 5e-5);
      }
      PuzzleKind kind = model.puzzle().orElseThrow();
      for (int b = 0; b < PUZZLES; b++) {
        assertTrue(kind.solves(inputs[b], heads.tokens(b)), "puzzle " + b);
      }
    }
  }
}
