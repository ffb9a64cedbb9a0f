package hrm.proto;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.TextFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** A message of each kind with every field set, and one more for each further branch of a oneof. */
final class Samples {
  private static final List<FileDescriptor> FILES =
      List.of(
          PuzzleJob.getDescriptor().getFile(),
          WireProto.getDescriptor(),
          TraceEvent.getDescriptor().getFile(),
          NodeReport.getDescriptor().getFile());
  private static final int DEPTH = 6;

  private Samples() {}

  /** Every kind of message by its name without the package. */
  static Map<String, Descriptor> kinds() {
    Map<String, Descriptor> kinds = new LinkedHashMap<>();
    FILES.forEach(file -> file.getMessageTypes().forEach(kind -> kinds.put(file(kind), kind)));
    return kinds;
  }

  /** Hidden states are on the wire and in trace events: names are told apart by their file. */
  private static String file(Descriptor kind) {
    return kind.getFile().getName().replaceAll(".*/|\\.proto", "") + "." + kind.getName();
  }

  static void write(Path folder) throws IOException {
    Files.createDirectories(folder);
    for (Map.Entry<String, Descriptor> kind : kinds().entrySet()) {
      store(folder, kind.getKey(), fill(kind.getValue(), null, 0));
      for (OneofDescriptor oneof : kind.getValue().getRealOneofs()) {
        for (FieldDescriptor branch : oneof.getFields().subList(1, oneof.getFieldCount())) {
          store(folder, kind.getKey() + "-" + branch.getName(), fill(kind.getValue(), branch, 0));
        }
      }
    }
  }

  private static void store(Path folder, String name, DynamicMessage message) throws IOException {
    Files.write(folder.resolve(name + ".binpb"), message.toByteArray());
    Files.writeString(folder.resolve(name + ".txtpb"), TextFormat.printer().printToString(message));
  }

  /**
   * @param branch of its oneof that is set; null: the first of each
   */
  private static DynamicMessage fill(Descriptor kind, FieldDescriptor branch, int depth) {
    DynamicMessage.Builder message = DynamicMessage.newBuilder(kind);
    Set<FieldDescriptor> others =
        kind.getRealOneofs().stream()
            .flatMap(
                oneof ->
                    oneof.getFields().stream()
                        .filter(
                            field ->
                                field
                                    != (branch != null && branch.getContainingOneof() == oneof
                                        ? branch
                                        : oneof.getField(0))))
            .collect(Collectors.toSet());
    for (FieldDescriptor field : kind.getFields()) {
      if (others.contains(field)
          || field.getJavaType() == FieldDescriptor.JavaType.MESSAGE && depth == DEPTH) {
        continue;
      }
      Object value = value(field, depth);
      if (field.isRepeated()) {
        message.addRepeatedField(field, value);
        message.addRepeatedField(field, value);
      } else {
        message.setField(field, value);
      }
    }
    return message.build();
  }

  private static Object value(FieldDescriptor field, int depth) {
    int number = field.getNumber();
    return switch (field.getJavaType()) {
      case INT -> 1000 + number;
      case LONG -> 1_000_000_000_000L + number;
      case FLOAT -> number + .5f;
      case DOUBLE -> number + .25;
      case BOOLEAN -> true;
      case STRING -> field.getName() + " \u00e4";
      case BYTE_STRING -> ByteString.copyFromUtf8(field.getName());
      case ENUM -> field.getEnumType().getValues().get(field.getEnumType().getValues().size() - 1);
      case MESSAGE -> fill(field.getMessageType(), null, depth + 1);
    };
  }
}
