package hrm.model.learn;

import com.google.gson.JsonObject;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Keys of a config that a person writes. One that nobody reads, or that has no value, would leave
 * the default in its place: a typing error that would cost a night.
 */
final class WrittenKeys {
  private WrittenKeys() {}

  /**
   * @param type whose fields the keys are
   * @param others that are taken, too, and mean nothing here
   * @throws IllegalArgumentException naming the first key at fault
   */
  static void check(String part, JsonObject object, Class<?> type, List<String> others) {
    Map<String, Field> fields = new LinkedHashMap<>();
    Arrays.stream(type.getDeclaredFields())
        .filter(f -> !Modifier.isStatic(f.getModifiers()))
        .filter(f -> !Modifier.isTransient(f.getModifiers()))
        .forEach(f -> fields.put(f.getName(), f));
    for (String key : object.keySet()) {
      Field field = fields.get(key);
      if (field == null && !others.contains(key)) {
        throw new IllegalArgumentException(
            "%s.%s is not known; the keys are %s"
                .formatted(part, key, String.join(", ", fields.keySet())));
      }
      if (field != null && object.get(key).isJsonNull() && needsValue(field)) {
        throw new IllegalArgumentException(
            "%s.%s is null; give it a value, or leave it out for the default".formatted(part, key));
      }
    }
  }

  /** What may be null is checked by who knows what null means there. */
  private static boolean needsValue(Field field) {
    return field.getType().isPrimitive() || field.getType() == List.class;
  }
}
