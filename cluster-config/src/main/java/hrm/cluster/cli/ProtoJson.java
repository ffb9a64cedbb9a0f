package hrm.cluster.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonPrimitive;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import hrm.proto.ClusterReport;
import java.util.List;

/**
 * Reports as JSON under their protobuf names, with every field, and numbers as numbers: protobuf's
 * own form has 64-bit numbers as texts.
 */
public final class ProtoJson {
  private ProtoJson() {}

  public static JsonObject of(Message message) {
    JsonObject json = new JsonObject();
    for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
      json.add(field.getName(), value(message, field));
    }
    return json;
  }

  private static JsonElement value(Message message, FieldDescriptor field) {
    if (field.isRepeated()) {
      JsonArray array = new JsonArray();
      ((List<?>) message.getField(field)).forEach(item -> array.add(single(item)));
      return array;
    }
    if (field.hasPresence() && !message.hasField(field)) {
      return JsonNull.INSTANCE;
    }
    return single(message.getField(field));
  }

  private static JsonElement single(Object value) {
    if (value instanceof Message message) {
      return of(message);
    } else if (value instanceof Number number) {
      return new JsonPrimitive(number);
    } else if (value instanceof Boolean bool) {
      return new JsonPrimitive(bool);
    }
    return new JsonPrimitive(value.toString());
  }

  /**
   * Back again; fields of newer nodes are ignored.
   *
   * @throws JsonParseException when it is something else
   */
  public static ClusterReport cluster(String json) {
    ClusterReport.Builder report = ClusterReport.newBuilder();
    try {
      JsonFormat.parser().ignoringUnknownFields().merge(json, report);
    } catch (InvalidProtocolBufferException e) {
      throw new JsonParseException(e);
    }
    return report.build();
  }
}
