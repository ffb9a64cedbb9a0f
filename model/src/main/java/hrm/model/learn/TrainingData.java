package hrm.model.learn;

import hrm.model.HrmConfig;
import hrm.model.data.Dataset;
import hrm.model.data.Datasets;
import hrm.model.data.Pool;
import hrm.model.puzzle.Example;
import hrm.model.puzzle.PuzzleGenerator;
import hrm.model.puzzle.PuzzleKind;
import hrm.model.puzzle.PuzzleKinds;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a run learns from and what it is judged by while it learns.
 *
 * @param training puzzles that rows are drawn from
 * @param validation puzzles kept from training, to choose the best weights by
 */
record TrainingData(Dataset training, Dataset validation) {
  private static final long HELD_OUT_SEED = 0x5EED_0F_7E57L;
  private static final int GENERATED = 20_000;

  static TrainingData of(TrainSettings settings) throws IOException {
    return settings.data == null ? generated(settings) : read(settings);
  }

  private static TrainingData read(TrainSettings settings) throws IOException {
    Dataset all = Datasets.open(Path.of(settings.data));
    HrmConfig c = settings.arch();
    if (all.seqLen() != c.seqLen() || all.vocabSize() > c.vocabSize()) {
      throw new IllegalArgumentException(
          "%s has puzzles of %d tokens below %d, but arch.seq_len is %d and arch.vocab_size %d; set them to the data's"
              .formatted(settings.data, all.seqLen(), all.vocabSize(), c.seqLen(), c.vocabSize()));
    }
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

  private static TrainingData generated(TrainSettings settings) {
    PuzzleKind kind = kind(settings.arch());
    Set<String> taken = new HashSet<>();
    heldOut(kind, 1000).forEach(e -> taken.add(kind.text(e.inputs())));
    PuzzleGenerator generator = PuzzleGenerator.of(kind, settings.seed);
    int pool = settings.examples == 0 ? GENERATED : settings.examples;
    List<Example> training = new ArrayList<>();
    while (training.size() < pool) {
      Example example = generator.next();
      if (!taken.contains(kind.text(example.inputs()))) {
        training.add(example);
      }
    }
    training.forEach(e -> taken.add(kind.text(e.inputs())));
    List<Example> validation = new ArrayList<>();
    for (int tries = 0; validation.size() < settings.validation && tries < 100_000; tries++) {
      Example example = generator.next();
      if (taken.add(kind.text(example.inputs()))) {
        validation.add(example);
      }
    }
    return new TrainingData(Pool.of(kind, training), Pool.of(kind, validation));
  }

  /** Generated puzzles that no training pool contains, all different. */
  static List<Example> heldOut(PuzzleKind kind, int n) {
    PuzzleGenerator generator = PuzzleGenerator.of(kind, HELD_OUT_SEED);
    Set<String> seen = new HashSet<>();
    List<Example> examples = new ArrayList<>();
    while (examples.size() < n) {
      Example example = generator.next();
      if (seen.add(kind.text(example.inputs()))) {
        examples.add(example);
      }
    }
    return examples;
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
