package hrm.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HrmConfigTest {
  @Test
  void parse_emptyObject_isThePublishedModel() {
    HrmConfig c = HrmConfig.parse("{}");
    assertEquals(82, c.sequence());
    assertEquals(1536, c.inter(512));
    assertEquals(13_744_807_936.0, c.segmentFlop(), "as counted in the published code's shapes");
    assertEquals(
        27_275_266 + 3 * 512,
        Weights.shapes(c).values().stream().mapToLong(Weights::size).sum(),
        "published parameters, H_init, L_init and one puzzle embedding");
  }

  @Test
  void parse_keysOfOthersAndNulls_areTaken() {
    HrmConfig c = HrmConfig.parse("{\"name\": \"hrm\", \"beta\": 1, \"halt_max_steps\": null}");
    assertEquals(HrmConfig.parse("{}").toJson(), c.toJson());
  }

  @Test
  void toJson_ofParsed_isTheSameConfig() {
    HrmConfig c =
        HrmConfig.parse("{\"puzzle_emb_ndim\": 0, \"L_mlp_t\": true, \"pos_encodings\": \"none\"}");
    assertEquals(c.toJson(), HrmConfig.parse(c.toJson()).toJson());
    assertTrue(c.lMixing() && !c.hMixing());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"seq_len\": 0}|seq_len is 0; it must be between 1 and 65536",
        "{\"H_cycles\": -1}|H_cycles is -1; it must be between 1 and 1024",
        "{\"num_heads\": 7}|hidden_size 512 is not a multiple of num_heads 7",
        "{\"num_heads\": 512}|rotary positions need an even head size",
        "{\"pos_encodings\": \"sine\"}|it must be \"rope\", \"learned\" or \"none\"",
        "{\"puzzle_emb_ndim\": 600, \"puzzle_emb_len\": 1}|puzzle_emb_ndim 600 does not fit",
        "{\"expansion\": 0}|expansion is 0.0; it must be above 0, at most 1024",
        "{\"rms_norm_eps\": -1e-5}|rms_norm_eps is -1.0E-5; it must be in [0, 1]",
        "{\"halt_exploration_prob\": 1.5}|halt_exploration_prob is 1.5; it must be in [0, 1]",
        "[1]|not a JSON object",
        "{\"seq_len\": \"many\"}|not a JSON object with hrm_v1.yaml's keys",
      })
  void parse_badValue_isNamed(String json, String message) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> HrmConfig.parse(json));
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }
}
