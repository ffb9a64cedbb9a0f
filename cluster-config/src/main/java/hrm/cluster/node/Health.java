package hrm.cluster.node;

import com.google.gson.JsonElement;
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

  boolean isAlive() {
    return alive.getAsBoolean();
  }

  /** The checks by name, and whether all hold. */
  JsonObject ready() {
    JsonObject body = new JsonObject();
    JsonObject each = new JsonObject();
    checks.forEach((name, check) -> each.addProperty(name, check.getAsBoolean()));
    body.addProperty("ready", each.asMap().values().stream().allMatch(JsonElement::getAsBoolean));
    body.add("checks", each);
    return body;
  }
}
