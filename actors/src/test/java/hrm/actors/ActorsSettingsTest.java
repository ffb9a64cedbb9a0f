package hrm.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.model.HaltingPolicy;
import hrm.model.Model;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ActorsSettingsTest {
  @Test
  void referenceConf_isReadAndValid() {
    ActorsSettings settings = TestModels.settings();
    assertEquals(2, settings.lanes());
    assertEquals(16, settings.slotsPerLane());
    assertEquals(HaltingPolicy.VERIFIED, settings.halting());
    assertEquals(Duration.ofSeconds(30), settings.thinkTimeout());
    assertEquals(40, settings.places(settings.lanes()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "lanes|0|1 to 64",
        "slots-per-lane|5000|1 to 4096",
        "workers|0|1 to 64",
        "max-lanes|1|2 to 64",
        "checkpoint-every|-1|0 to 1000000",
        "wire-dtype|half|float32 or bfloat16",
        "prefetch|17|0 to 16",
        "waiting|-1|0 to 100000",
        "max-handovers|-1|0 to 1000",
        "max-segments|0|1 to 1000000",
        "halting|never|max-steps, q-head or verified",
        "think-timeout|1ms|PT0.01S to PT1H",
        "pulse|1ms|PT0.01S to PT1M",
        "silence|1s|PT2M to PT1H",
        "answer-timeout|0s|PT1S to PT720H",
        "restart-delay|2h|PT0.01S to PT1H",
        "trace.sample|1.5|0 to 1",
        "trace.max-events-per-job|0|1 to 1000000",
        "trace.max-events-per-second|0|1 to 10000000",
        "lanes|many|INT",
        "think-timeout|soon|duration",
      })
  void wrongValue_isNamedWithItsKeyAndRange(String key, String value, String allowed) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> TestModels.settings(key + " = " + value))
            .getMessage();
    assertTrue(message.contains("hrm.actors"), message);
    assertTrue(message.contains(key), message);
    assertTrue(
        message.toLowerCase().contains(allowed.toLowerCase()) || message.contains("NUMBER"),
        message);
  }

  @ParameterizedTest
  @CsvSource({"q-head,Q_HEAD", "Q_HEAD,Q_HEAD", "max_steps,MAX_STEPS"})
  void halting_isSpelledAsInSettingsOrAsInJson(String given, HaltingPolicy meant) {
    assertEquals(meant, TestModels.settings("halting = " + given).halting());
  }

  @Test
  void checkFrames_tooManyRows_saysHowManyFitAndWhatToDo() {
    Model tiny = TestModels.tiny(); // a row's two states: 2 x 17 x 32 floats
    long frame = 64 * 1024 + 100L * 2 * tiny.config().sequence() * 32 * 4;
    TestModels.settings("slots-per-lane = 100").checkFrames(tiny, frame);
    TestModels.settings("slots-per-lane = 200", "wire-dtype = bfloat16").checkFrames(tiny, frame);
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> TestModels.settings("slots-per-lane = 101").checkFrames(tiny, frame))
            .getMessage();
    assertTrue(message.contains("slots-per-lane is 101"), message);
    assertTrue(message.contains("holds 100 rows of model " + tiny.name()), message);
    assertTrue(message.contains("maximum-large-frame-size (now " + frame), message);
  }

  @Test
  void checkQueue_tooShortForABurst_namesBothSettings() {
    ActorsSettings settings = TestModels.settings("slots-per-lane = 100", "max-lanes = 4");
    settings.checkQueue(2, true, 3 * (2 * 100 + 8) * 2);
    settings.checkQueue(2, false, 3 * (4 * 100 + 8) * 2); // more lanes for workers elsewhere
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> settings.checkQueue(2, true, 3 * (2 * 100 + 8) * 2 - 1))
            .getMessage();
    assertTrue(message.contains("outbound-large-message-queue-size is 1247"), message);
    assertTrue(message.contains("slots-per-lane is 100"), message);
    assertTrue(message.contains("at least 1248"), message);
    assertThrows(IllegalArgumentException.class, () -> settings.checkQueue(2, false, 3 * 208 * 2));
  }
}
