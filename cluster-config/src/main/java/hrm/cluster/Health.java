package hrm.cluster;

import com.google.gson.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * Whether a node should get work, and whether it should live. Both answer without a token, since
 * those who probe have none; they say nothing but yes and no.
 */
final class Health {
  private final Map<String, BooleanSupplier> checks = new LinkedHashMap<>();
  private final BooleanSupplier alive;

  /**
   * @param member whether the node is an up member of its cluster
   * @param models whether its models are loaded and its actors run
   * @param kafka whether it is in the consumer group, or needs not be
   * @param alive whether its actors have not ended; nothing outside this process counts
   */
  Health(
      BooleanSupplier member,
      BooleanSupplier models,
      BooleanSupplier kafka,
      BooleanSupplier alive) {
    checks.put("member", member);
    checks.put("models", models);
    checks.put("kafka", kafka);
    this.alive = alive;
  }

  boolean isReady() {
    return checks.values().stream().allMatch(BooleanSupplier::getAsBoolean);
  }

  /** 200 when all checks hold, otherwise 503; the body names each. */
  HttpAnswer ready() {
    JsonObject body = new JsonObject();
    JsonObject each = new JsonObject();
    checks.forEach((name, check) -> each.addProperty(name, check.getAsBoolean()));
    boolean ready = each.asMap().values().stream().allMatch(value -> value.getAsBoolean());
    body.addProperty("ready", ready);
    body.add("checks", each);
    return HttpAnswer.json(ready ? 200 : 503, body);
  }

  HttpAnswer alive() {
    boolean lives = alive.getAsBoolean();
    JsonObject body = new JsonObject();
    body.addProperty("alive", lives);
    return HttpAnswer.json(lives ? 200 : 503, body);
  }
}
