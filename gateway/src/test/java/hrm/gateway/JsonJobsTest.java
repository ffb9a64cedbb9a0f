package hrm.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import hrm.proto.HaltingPolicy;
import hrm.proto.JobFailure.Cause;
import org.junit.jupiter.api.Test;

final class JsonJobsTest {
  @Test
  void parse_bothSpellingsOfFields_areRead() {
    var job =
        JsonJobs.parse(
            "{\"text\": \"1.\", \"options\": {\"maxSegments\": 3, \"halting\": \"Q_HEAD\"}}"
                .getBytes(UTF_8));
    assertEquals(3, job.getOptions().getMaxSegments());
    assertEquals(HaltingPolicy.Q_HEAD, job.getOptions().getHalting());
    assertEquals(
        3,
        JsonJobs.parse("{\"options\": {\"max_segments\": 3}}".getBytes(UTF_8))
            .getOptions()
            .getMaxSegments());
  }

  @Test
  void parse_unknownField_namesItAndThoseThatAre() {
    assertRejected(
        "{\"text\": \"1.\", \"options\": {\"policy\": \"Q_HEAD\"}}",
        "policy",
        "there is no field \"policy\" in a JobOptions; it has maxSegments, halting, trace, deadline.");
  }

  @Test
  void parse_unknownValue_namesThoseThatAre() {
    assertRejected(
        "{\"options\": {\"halting\": \"q-head\"}}",
        "",
        "\"q-head\" is no HaltingPolicy; give one of HALTING_UNSET, MAX_STEPS, Q_HEAD, VERIFIED.");
  }

  @Test
  void parse_noJson_saysWhereInOneLine() {
    assertRejected("{\"id\": \"a\" \"b\"}", "", "it is not JSON at line 1 column 13 path $.id.");
    assertRejected("{\"id\": \"a\"", "", "it is not JSON at line 1 column 11 path $.id.");
    assertRejected("[]", "", "Expect message object but got: []");
  }

  private static void assertRejected(String json, String field, String why) {
    var e = assertThrows(JobRejected.class, () -> JsonJobs.parse(json.getBytes(UTF_8)));
    assertEquals(Cause.UNREADABLE, e.failureCause());
    assertEquals("The value is not a PuzzleJob in JSON: " + why, e.getMessage());
    assertEquals(field, e.field());
  }
}
