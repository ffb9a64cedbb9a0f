package hrm.cluster.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class HealthTest {
  private final AtomicBoolean member = new AtomicBoolean();
  private final AtomicBoolean models = new AtomicBoolean();
  private final AtomicBoolean kafka = new AtomicBoolean();
  private final AtomicBoolean alive = new AtomicBoolean(true);
  private final Health health = new Health(member::get, models::get, kafka::get, alive::get);

  @Test
  void ready_needsEveryCheck_andNamesThem() {
    member.set(true);
    models.set(true);
    assertEquals(
        "{\"ready\":false,\"checks\":{\"member\":true,\"models\":true,\"kafka\":false}}",
        health.ready().toString());
    assertFalse(health.isReady());
    kafka.set(true);
    assertTrue(health.isReady());
    assertTrue(health.ready().get("ready").getAsBoolean());
    models.set(false);
    assertFalse(health.isReady());
  }

  @Test
  void alive_asksForNothingElse() {
    assertTrue(health.isAlive());
    alive.set(false);
    assertFalse(health.isAlive());
  }
}
