package hrm.model.learn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.model.optim.Optimizer;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrainSettingsTest {
  private static TrainSettings parse(String train) {
    return TrainSettings.parse(
        """
        {"arch": {"puzzle": "sudoku-4x4", "seq_len": 16, "vocab_size": 6, "puzzle_emb_ndim": 0,
                  "hidden_size": 32, "num_heads": 4, "H_cycles": 2, "L_cycles": 3},
         "train": {%s}}
        """
            .formatted(train));
  }

  private static String refused(String train) {
    return assertThrows(IllegalArgumentException.class, () -> parse(train)).getMessage();
  }

  private static String refusedStretches(double... untils) {
    String stretches =
        DoubleStream.of(untils)
            .mapToObj("{\"until\": %s, \"H_cycles\": 1, \"L_cycles\": 1}"::formatted)
            .collect(Collectors.joining(", "));
    return refused("\"depth_curriculum\": [%s]".formatted(stretches));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "examples|-1|at least 0",
        "validation|0|at least 1",
        "extra_clues|-1|at least 0",
        "extra_clues_until|-1|at least 0",
        "extra_clues_share|-0.1|in [0, 1]",
        "extra_clues_share|1.1|in [0, 1]",
        "batch|0|at least 1",
        "steps|0|at least 1",
        "max_segments|-1|at least 0",
        "evaluate_every|0|at least 1",
        "patience|-1|at least 0",
        "lr|0.0|above 0",
        "adam_lr|0.0|above 0",
        "puzzle_emb_lr|-0.1|at least 0",
        "lr_warmup_steps|-1|at least 0",
        "lr_min_ratio|-0.1|in [0, 1]",
        "lr_min_ratio|1.1|in [0, 1]",
        "weight_decay|-0.1|at least 0",
        "adam_weight_decay|-0.1|at least 0",
        "puzzle_emb_weight_decay|-0.1|at least 0",
        "beta1|1.0|in [0, 1)",
        "beta2|-0.1|in [0, 1)",
        "momentum|1.0|in [0, 1)",
        "ema|1.0|in [0, 1)",
        "label_smoothing|1.0|in [0, 1)",
        "noise|-0.1|at least 0",
        "loss|\"mse\"|one of stablemax, softmax",
        "save_dtype|\"float16\"|one of float32, bfloat16",
        "gradient|null|one of last-cycle, one-step",
        "optimizer|\"sgd\"|one of adam-atan2, adamw, muon"
      })
  void parse_valueOutOfRange_isRefused(String key, String json, String allowed) {
    String value = json.replace("\"", "");
    assertEquals(
        "train.%s is %s; it must be %s".formatted(key, value, allowed),
        refused("\"%s\": %s".formatted(key, json)));
  }

  private static String refusedWhole(String json) {
    return assertThrows(IllegalArgumentException.class, () -> TrainSettings.parse(json))
        .getMessage();
  }

  @Test
  void parse_keyOfArchThatNobodyReads_isRefused() {
    String said = refusedWhole("{\"arch\": {\"hiden_size\": 64}, \"train\": {}}");
    assertTrue(said.startsWith("arch.hiden_size is not known; the keys are seq_len, "), said);
    TrainSettings.parse(
        "{\"arch\": {\"name\": \"x\", \"loss\": {}, \"forward_dtype\": \"bfloat16\"}, \"train\": {}}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'arch': {'halt_max_steps': null}, 'train': {}}|arch.halt_max_steps is null; give",
        "{'arch': {'pos_encodings': null}, 'train': {}}|pos_encodings is null; it must be",
        "{'arch': {}, 'train': {'lr': null}}|train.lr is null; give it a value, or leave it out",
        "{'arch': {}, 'train': {'depth_curriculum': null}}|train.depth_curriculum is null; give",
        "{'arch': {}, 'train': {'depth_curriculum': [null]}}|train.depth_curriculum[0] is null; it",
        "{'arch': {}, 'train': {'optimizer': null}}|train.optimizer is null; it must be one of",
        "{'arch': {}, 'train': null}|the training config needs an object",
        "{'arch': null, 'train': {}}|the training config needs an object",
      })
  void parse_null_isASentence(String json, String sentence) {
    String said = refusedWhole(json.replace('\'', '"'));
    assertTrue(said.startsWith(sentence), said);
  }

  @Test
  void parse_nullWhereItMeansSomething_isTaken() {
    TrainSettings.parse(
        "{\"arch\": {\"puzzle_emb_len\": null}, \"train\": {\"data\": null, \"weights\": null}}");
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.5, 0, 1.1})
  void parse_stretchOutsideTheRun_isRefused(double until) {
    assertEquals(
        "train.depth_curriculum[0].until is %s; it must be in (0, 1]".formatted(until),
        refusedStretches(until));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.4, 0.5, 1.1})
  void parse_stretchThatDoesNotFollowTheOneBefore_isRefused(double until) {
    assertEquals(
        "train.depth_curriculum[1].until is %s; it must be in (0.5, 1], after the stretch before it"
            .formatted(until),
        refusedStretches(0.5, until));
  }

  @ParameterizedTest
  @CsvSource({"0, 1", "3, 1", "1, 0", "1, 4"})
  void parse_stretchWithMoreCyclesThanArch_isRefused(int hCycles, int lCycles) {
    assertEquals(
        "train.depth_curriculum is %d x %d cycles; it must be from 1 to arch's 2 x 3"
            .formatted(hCycles, lCycles),
        refused(
            "\"depth_curriculum\": [{\"until\": 0.5, \"H_cycles\": %d, \"L_cycles\": %d}]"
                .formatted(hCycles, lCycles)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"extra_clues_until\": 0, \"extra_clues_share\": 0, \"lr_min_ratio\": 0",
        "\"extra_clues_share\": 1, \"lr_min_ratio\": 1, \"lr_warmup_steps\": 0",
        "\"weight_decay\": 0, \"adam_weight_decay\": 0, \"puzzle_emb_weight_decay\": 0",
        "\"puzzle_emb_lr\": 0, \"steps\": 10, \"lr_warmup_steps\": 200"
      })
  void parse_endsOfRanges_areTaken(String train) {
    parse(train);
  }

  @Test
  void schedule_isThatOfTheKeys() {
    Schedule schedule =
        parse(
                """
                "steps": 100, "lr": 0.4, "adam_lr": 0.3, "puzzle_emb_lr": 0.2,
                "lr_warmup_steps": 10, "lr_min_ratio": 0.5,
                "depth_curriculum": [{"until": 0.3, "H_cycles": 1, "L_cycles": 2},
                                     {"until": 1, "H_cycles": 2, "L_cycles": 2}]
                """)
            .schedule();
    assertEquals(
        new Schedule(
            100,
            new Optimizer.Rates(0.4, 0.3, 0.2),
            10,
            0.5,
            List.of(new Schedule.Depth(0.3, 1, 2), new Schedule.Depth(1, 2, 2)),
            new Schedule.Depth(1, 2, 3)),
        schedule);
  }

  @Test
  void presets_areInRange_andWrittenAsTheyAreRead() throws IOException {
    for (String set : TrainSettings.PRESETS) {
      String json = TrainSettings.preset(set).toJson();
      assertEquals(json, TrainSettings.parse(json).toJson(), set);
    }
  }
}
