package hrm.model.learn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import hrm.model.data.Dataset;
import hrm.model.puzzle.PuzzleGenerator;
import hrm.model.puzzle.Sudoku;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainingDataTest {
  private static final String SIX =
      "\"puzzle\": \"sudoku-6x6\", \"seq_len\": 36, \"vocab_size\": 8";

  @TempDir Path folder;

  private static TrainSettings settings(String arch, String train) {
    return TrainSettings.parse("{\"arch\": {%s}, \"train\": {%s}}".formatted(arch, train));
  }

  private static TrainingData data(TrainSettings settings) throws IOException {
    return TrainingData.of(settings, new Notes());
  }

  private static Set<String> texts(Dataset puzzles) {
    Set<String> texts = new HashSet<>();
    IntStream.range(0, puzzles.size())
        .forEach(i -> texts.add(Sudoku.SIZE_6.text(puzzles.example(i).inputs())));
    return texts;
  }

  @Test
  void generated_fromASeed_areNotTheTestSetOfThatSeed() throws IOException {
    TrainingData data = data(settings(SIX, "\"examples\": 60, \"validation\": 20"));
    PuzzleGenerator tests = PuzzleGenerator.of(Sudoku.SIZE_6, 0); // as hrm dataset generate does
    Set<String> trained = texts(data.training());
    trained.addAll(texts(data.validation()));
    for (int i = 0; i < 80; i++) {
      assertEquals(
          false, trained.contains(Sudoku.SIZE_6.text(tests.next().inputs())), "puzzle " + i);
    }
  }

  @ParameterizedTest
  @CsvSource({"36, 9", "36, 7", "35, 8"})
  void generated_notOfArchsSize_areRefusedBeforeTheyAreMade(int seqLen, int vocabSize) {
    String arch =
        "\"puzzle\": \"sudoku-6x6\", \"seq_len\": %d, \"vocab_size\": %d"
            .formatted(seqLen, vocabSize);
    assertEquals(
        "arch.puzzle sudoku-6x6 has puzzles of 36 cells with 8 different tokens, but arch.seq_len is %d and arch.vocab_size %d; set them to the data's"
            .formatted(seqLen, vocabSize),
        assertThrows(IllegalArgumentException.class, () -> data(settings(arch, ""))).getMessage());
  }

  @ParameterizedTest
  @CsvSource({"7", "5"})
  void read_ofAnotherVocabulary_isRefusedAsByTheEvaluation(int vocabSize) throws IOException {
    Path csv = folder.resolve("p.csv");
    Files.writeString(csv, "question,answer\n1...............,1234341221434321\n");
    TrainSettings settings = settings("\"seq_len\": 16, \"vocab_size\": " + vocabSize, "");
    settings.data(csv.toString());
    assertEquals(
        "%s has puzzles of 16 cells with 6 different tokens, but arch.seq_len is 16 and arch.vocab_size %d; set them to the data's"
            .formatted(csv, vocabSize),
        assertThrows(IllegalArgumentException.class, () -> data(settings)).getMessage());
  }

  @Test
  void validationDigest_isOfTheValidationPuzzlesAlone() throws IOException {
    String train = "\"examples\": 30, \"validation\": %d, \"lr\": %s";
    String digest = data(settings(SIX, train.formatted(10, 0.1))).validationDigest();
    assertEquals(digest, data(settings(SIX, train.formatted(10, 0.2))).validationDigest());
    assertNotEquals(digest, data(settings(SIX, train.formatted(11, 0.1))).validationDigest());
  }
}
