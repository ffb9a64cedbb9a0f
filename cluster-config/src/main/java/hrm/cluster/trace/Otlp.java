package hrm.cluster.trace;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** A trace as OpenTelemetry's protocol has it, in protobuf and in JSON. */
public final class Otlp {
  private Otlp() {}

  public static ExportTraceServiceRequest of(TraceView trace, String version) {
    return ExportTraceServiceRequest.newBuilder()
        .addResourceSpans(
            ResourceSpans.newBuilder()
                .setResource(
                    Resource.newBuilder()
                        .addAttributes(OtlpSpans.attribute("service.name", "hrm"))
                        .addAttributes(OtlpSpans.attribute("service.version", version)))
                .addScopeSpans(
                    ScopeSpans.newBuilder()
                        .setScope(
                            InstrumentationScope.newBuilder().setName("hrm").setVersion(version))
                        .addAllSpans(OtlpSpans.of(trace))))
        .build();
  }

  /** OTLP/JSON: protobuf's own mapping, but for ids in hex and enums as numbers. */
  public static String json(TraceView trace, String version) {
    try {
      String text = JsonFormat.printer().printingEnumsAsInts().print(of(trace, version));
      JsonElement json = JsonParser.parseString(text);
      hex(json);
      return json + "\n";
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e); // it has no Any
    }
  }

  private static void hex(JsonElement element) {
    if (element.isJsonArray()) {
      element.getAsJsonArray().forEach(Otlp::hex);
    } else if (element.isJsonObject()) {
      JsonObject object = element.getAsJsonObject();
      for (Map.Entry<String, JsonElement> entry : object.entrySet()) {
        if (List.of("traceId", "spanId", "parentSpanId").contains(entry.getKey())) {
          byte[] id = Base64.getDecoder().decode(entry.getValue().getAsString());
          entry.setValue(new JsonPrimitive(HexFormat.of().formatHex(id)));
        } else {
          hex(entry.getValue());
        }
      }
    }
  }

  /** An id in hex, as other tools show it. */
  static String hex(ByteString id) {
    return HexFormat.of().formatHex(id.toByteArray());
  }
}
