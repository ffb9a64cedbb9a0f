package hrm.model.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.model.io.ModelFileException;
import hrm.model.puzzle.Example;
import hrm.model.puzzle.Sudoku;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The published builder's own output, in model/src/test/resources/sample-npy. */
class NpyDatasetTest {
  private static final Path SAMPLE = Path.of("src/test/resources/sample-npy");

  @TempDir Path folder;

  private static String text(int[] tokens) {
    return Sudoku.SIZE_9.text(tokens);
  }

  @Test
  void sample_holdsThePuzzlesOfItsCsv() throws IOException {
    for (String split : new String[] {"train", "test"}) {
      Dataset npy = Datasets.open(SAMPLE, split);
      Pool csv = CsvDataset.read(SAMPLE.resolve("csv").resolve(split + ".csv"));
      assertEquals(csv.size(), npy.size());
      assertEquals(81, npy.seqLen());
      assertEquals(11, npy.vocabSize());
      assertEquals(1, npy.identifiers());
      for (int i = 0; i < csv.size(); i++) {
        assertEquals(text(csv.example(i).inputs()), text(npy.example(i).inputs()));
        assertEquals(text(csv.example(i).labels()), text(npy.example(i).labels()));
      }
    }
  }

  @Test
  void draw_givesEachStoredCopyOfItsGroup_andNothingElse() throws IOException {
    NpyDataset npy = NpyDataset.read(SAMPLE.resolve("train"));
    assertEquals(120, npy.eachExample().size());
    SplittableRandom random = new SplittableRandom(1);
    java.util.Set<String> drawn = new java.util.HashSet<>();
    for (int i = 0; i < 200; i++) {
      Example example = npy.draw(7, random);
      assertTrue(Sudoku.SIZE_9.solves(example.inputs(), example.labels()));
      drawn.add(text(example.inputs()));
    }
    assertEquals(6, drawn.size());
    assertTrue(drawn.contains(text(npy.example(7).inputs())));
    assertEquals(text(npy.example(9).inputs()), text(npy.subset(5, 12).example(4).inputs()));
  }

  @Test
  void locate_takesTheFirstSplitThatIsThere() throws IOException {
    assertEquals(SAMPLE.resolve("test"), Datasets.locate(SAMPLE, "test", "train"));
    assertEquals(SAMPLE.resolve("train"), Datasets.locate(SAMPLE, "valid", "train"));
    assertEquals(SAMPLE.resolve("train"), Datasets.locate(SAMPLE.resolve("train"), "test"));
  }

  @Test
  void eachExample_givesEveryStoredCopy_inOrder() throws IOException {
    NpyDataset npy = NpyDataset.read(SAMPLE.resolve("train"));
    Dataset each = npy.eachExample();
    java.util.Set<String> all = new java.util.HashSet<>();
    for (int i = 0; i < each.size(); i++) {
      all.add(text(each.example(i).inputs()));
    }
    assertEquals(120, all.size());
    assertEquals(text(npy.example(7).inputs()), text(each.example(42).inputs()));
    Dataset some = npy.subset(7, 9).eachExample();
    assertEquals(12, some.size());
    assertEquals(text(each.example(42).inputs()), text(some.example(0).inputs()));
    assertEquals(text(each.example(46).inputs()), text(some.subset(4, 6).example(0).inputs()));
  }

  @Test
  void ignoredLabel_doesNotCount() throws IOException {
    copySample("test");
    Path labels = folder.resolve("test/all__labels.npy");
    byte[] bytes = Files.readAllBytes(labels);
    bytes[bytes.length - 810] = 0; // the first puzzle's first cell
    Files.write(labels, bytes);
    assertEquals(-100, Datasets.open(folder, "test").example(0).labels()[0]);
    assertNotEquals(-100, Datasets.open(folder, "test").example(0).labels()[1]);
  }

  private void copySample(String split) throws IOException {
    Path into = Files.createDirectories(folder.resolve(split));
    try (Stream<Path> files = Files.list(SAMPLE.resolve(split))) {
      for (Path file : files.toList()) {
        Files.write(into.resolve(file.getFileName()), Files.readAllBytes(file));
      }
    }
  }

  private String refused(String split) {
    return assertThrows(ModelFileException.class, () -> Datasets.open(folder, split)).getMessage();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'descr': '&u1' | 'descr': '>i8' | has elements of type",
        "'descr': '&u1' | 'descr': '&O8' | has elements of type",
        "'fortran_order': False | 'fortran_order': True  | is in Fortran order",
        "'shape': (10, 81) | 'shape': (11, 81) | it is cut short or damaged",
        "'shape': (10, 81) | 'shape': (810,)   | 2 axes are expected",
        "'shape': (10, 81) | 'shape': (-1, 81) | has no readable shape",
        "'shape': (10, 81) | 'shape': (81, 10) | has shape [81, 10]",
        "'descr' | 'desk!' | has no readable descr"
      })
  void damagedHeader_isRefusedByName(String from, String to, String expected) throws IOException {
    copySample("test");
    Path inputs = folder.resolve("test/all__inputs.npy");
    String all = new String(Files.readAllBytes(inputs), StandardCharsets.ISO_8859_1);
    String old = from.strip().replace('&', '|');
    assertTrue(all.contains(old), old);
    Files.write(
        inputs,
        all.replace(old, to.strip().replace('&', '|')).getBytes(StandardCharsets.ISO_8859_1));
    String message = refused("test");
    assertTrue(message.startsWith(inputs.toString()), message);
    assertTrue(message.contains(expected.strip()), message);
  }

  @Test
  void missingAndForeignFiles_areNamed() throws IOException {
    copySample("test");
    Files.delete(folder.resolve("test/all__labels.npy"));
    assertTrue(refused("test").contains("all__labels.npy: is missing"));
    Files.write(folder.resolve("test/all__labels.npy"), new byte[100]);
    assertTrue(refused("test").contains("is not a NumPy array file"));
    Files.write(folder.resolve("test/dataset.json"), "{\"sets\": 3}".getBytes());
    assertTrue(refused("test").contains("is not JSON as expected"));
    Files.write(
        folder.resolve("test/dataset.json"),
        "{\"seq_len\": 81, \"vocab_size\": 11, \"sets\": [\"../x\"]}".getBytes());
    assertTrue(refused("test").contains("that is no file name"));
    assertTrue(refused("nothing").contains("there is no dataset.json"));
    assertTrue(refused("nothing").endsWith("give one of [" + folder.resolve("test") + "]"));
  }

  @Test
  void tokenBeyondTheVocabulary_andWrongOffsets_areRefused() throws IOException {
    copySample("test");
    Path inputs = folder.resolve("test/all__inputs.npy");
    byte[] bytes = Files.readAllBytes(inputs);
    byte kept = bytes[bytes.length - 1];
    bytes[bytes.length - 1] = 11;
    Files.write(inputs, bytes);
    assertTrue(refused("test").contains("element 809 is 11; dataset.json allows 0 to 10"));
    bytes[bytes.length - 1] = kept;
    Files.write(inputs, bytes);
    Path groups = folder.resolve("test/all__group_indices.npy");
    byte[] offsets = Files.readAllBytes(groups);
    ByteBuffer.wrap(offsets).order(ByteOrder.LITTLE_ENDIAN).putInt(offsets.length - 8, 4);
    Files.write(groups, offsets);
    assertTrue(refused("test").contains("must rise from 0 to 10"));
  }

  @Test
  void mutatedFiles_areReadOrRefused_andNothingElse() throws IOException {
    SplittableRandom random = new SplittableRandom(9);
    copySample("test");
    Path[] files;
    try (Stream<Path> all = Files.list(folder.resolve("test"))) {
      files = all.sorted().toArray(Path[]::new);
    }
    int refused = 0;
    for (int round = 0; round < 1500; round++) {
      Path file = files[random.nextInt(files.length)];
      byte[] good = Files.readAllBytes(file);
      byte[] bad =
          random.nextInt(4) == 0 ? Arrays.copyOf(good, random.nextInt(good.length)) : good.clone();
      for (int i = 0; i <= random.nextInt(3) && bad.length > 0; i++) {
        bad[random.nextInt(Math.min(bad.length, 160))] = (byte) random.nextInt(256);
      }
      Files.write(file, bad);
      try {
        Dataset data = Datasets.open(folder, "test");
        for (int i = 0; i < data.size(); i++) {
          data.draw(i, random);
        }
      } catch (ModelFileException e) {
        refused++;
      }
      Files.write(file, good);
    }
    assertTrue(refused > 700, refused + " refused");
  }
}
