package hrm.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

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
        health.ready().body().strip());
    assertEquals(503, health.ready().status());
    kafka.set(true);
    assertEquals(200, health.ready().status());
    models.set(false);
    assertEquals(503, health.ready().status());
  }

  @Test
  void alive_asksForNothingElse() {
    assertEquals(200, health.alive().status());
    alive.set(false);
    assertEquals(503, health.alive().status());
  }
}
