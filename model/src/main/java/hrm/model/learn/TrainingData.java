package hrm.model.learn;

import hrm.model.HrmConfig;
import hrm.model.Seeds;
import hrm.model.data.Dataset;
import hrm.model.data.Datasets;
import hrm.model.data.Pool;
import hrm.model.io.Sha256;
import hrm.model.puzzle.Example;
import hrm.model.puzzle.PuzzleGenerator;
import hrm.model.puzzle.PuzzleKind;
import hrm.model.puzzle.PuzzleKinds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;

/**
 * What a run learns from and what it is judged by while it learns.
 *
 * @param training puzzles that rows are drawn from
 * @param validation puzzles kept from training, to choose the best weights by
 */
record TrainingData(Dataset training, Dataset validation) {
  private static final long HELD_OUT_SEED = 0x5EED_0F_7E57L;
  private static final long TRAINING = 0x7EAC4L; // a test set of the same seed has other puzzles
  private static final int HELD_OUT = 1_000;
  private static final int GENERATED = 20_000;

  /**
   * @param listener is told of puzzles as they are made
   */
  static TrainingData of(TrainSettings settings, Training.Listener listener) throws IOException {
    return settings.data == null ? generated(settings, listener) : read(settings);
  }

  private static TrainingData read(TrainSettings settings) throws IOException {
    Dataset all = Datasets.open(Path.of(settings.data));
    HrmConfig c = settings.arch();
    fits(settings.data, all.seqLen(), all.vocabSize(), c);
    if (all.identifiers() > c.numPuzzleIdentifiers()) {
      throw new IllegalArgumentException(
          "%s has %d puzzle identifiers, but arch.num_puzzle_identifiers is %d; set it to the data's"
              .formatted(settings.data, all.identifiers(), c.numPuzzleIdentifiers()));
    }
    int validation = settings.validation;
    if (all.size() <= validation) {
      throw new IllegalArgumentException(
          "%s has %d puzzles, of which train.validation keeps %d: none is left to learn from; lower train.validation"
              .formatted(settings.data, all.size(), validation));
    }
    int most = settings.examples == 0 ? Integer.MAX_VALUE : settings.examples;
    int training = Math.min(most, all.size() - validation);
    return new TrainingData(
        all.subset(0, training), all.subset(all.size() - validation, all.size()));
  }

  /** As {@link Evaluator} asks of its data, so that the first evaluation does not end the run. */
  private static void fits(String what, int seqLen, int vocabSize, HrmConfig c) {
    if (seqLen != c.seqLen() || vocabSize != c.vocabSize()) {
      throw new IllegalArgumentException(
          "%s has puzzles of %d cells with %d different tokens, but arch.seq_len is %d and arch.vocab_size %d; set them to the data's"
              .formatted(what, seqLen, vocabSize, c.seqLen(), c.vocabSize()));
    }
  }

  private static TrainingData generated(TrainSettings settings, Training.Listener listener) {
    PuzzleKind kind = kind(settings.arch());
    fits("arch.puzzle " + kind.name(), kind.cells(), kind.vocabulary(), settings.arch());
    int pool = settings.examples == 0 ? GENERATED : settings.examples;
    int all = HELD_OUT + pool + settings.validation;
    IntConsumer made = puzzles -> listener.made(kind, puzzles, all);
    Set<String> taken = new HashSet<>();
    heldOut(kind, made).forEach(e -> taken.add(kind.text(e.inputs())));
    PuzzleGenerator generator = PuzzleGenerator.of(kind, Seeds.of(settings.seed, TRAINING));
    List<Example> training = new ArrayList<>();
    while (training.size() < pool) {
      Example example = generator.next();
      if (!taken.contains(kind.text(example.inputs()))) {
        training.add(example);
        made.accept(HELD_OUT + training.size());
      }
    }
    training.forEach(e -> taken.add(kind.text(e.inputs())));
    List<Example> validation = new ArrayList<>();
    for (int tries = 0; validation.size() < settings.validation && tries < 100_000; tries++) {
      Example example = generator.next();
      if (taken.add(kind.text(example.inputs()))) {
        validation.add(example);
        made.accept(HELD_OUT + pool + validation.size());
      }
    }
    return new TrainingData(Pool.of(kind, training), Pool.of(kind, validation));
  }

  /** Generated puzzles that no training pool contains, all different. */
  private static List<Example> heldOut(PuzzleKind kind, IntConsumer made) {
    PuzzleGenerator generator = PuzzleGenerator.of(kind, HELD_OUT_SEED);
    Set<String> seen = new HashSet<>();
    List<Example> examples = new ArrayList<>();
    while (examples.size() < HELD_OUT) {
      Example example = generator.next();
      if (seen.add(kind.text(example.inputs()))) {
        examples.add(example);
        made.accept(examples.size());
      }
    }
    return examples;
  }

  /** Of the validation puzzles: two runs with the same one are judged by the same. */
  String validationDigest() {
    MessageDigest digest = Sha256.digest();
    for (int i = 0; i < validation.size(); i++) {
      Example example = validation.example(i);
      ByteBuffer bytes = ByteBuffer.allocate(4 + 8 * validation.seqLen());
      bytes.putInt(example.identifier());
      bytes.asIntBuffer().put(example.inputs()).put(example.labels());
      digest.update(bytes.array());
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static PuzzleKind kind(HrmConfig arch) {
    return PuzzleKinds.named(String.valueOf(arch.puzzle()))
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "arch.puzzle is %s; without train.data, training makes puzzles of %s"
                        .formatted(arch.puzzle(), PuzzleKinds.names())));
  }
}
