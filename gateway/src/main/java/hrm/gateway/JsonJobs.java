package hrm.gateway;

import static java.util.stream.Collectors.joining;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import hrm.proto.PuzzleJob;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Jobs in protobuf's JSON mapping, and what is wrong with one, for its sender. */
final class JsonJobs {
  private static final FileDescriptor FILE = PuzzleJob.getDescriptor().getFile();

  // What protobuf's parser says. Where it says it otherwise some day, its own words are given.
  private static final Pattern FIELD = Pattern.compile("Cannot find field: (.*) in message (.*)");
  private static final Pattern ENUM =
      Pattern.compile("Invalid enum value: (.*) for enum type: (.*)");
  private static final Pattern SYNTAX =
      Pattern.compile("(?s).*?(at line \\d+ column \\d+ path \\S+).*");

  private JsonJobs() {}

  /**
   * @throws JobRejected with cause UNREADABLE when the value is no such job
   */
  static PuzzleJob parse(byte[] value) {
    try {
      var job = PuzzleJob.newBuilder();
      JsonFormat.parser().merge(new String(value, StandardCharsets.UTF_8), job);
      return job.build();
    } catch (InvalidProtocolBufferException e) {
      throw rejected(e.getMessage());
    }
  }

  private static JobRejected rejected(String said) {
    Matcher field = FIELD.matcher(said);
    if (field.matches()) {
      Descriptor message = FILE.findMessageTypeByName(simple(field.group(2)));
      if (message != null) {
        return rejected(
            field.group(1),
            "there is no field \"%s\" in a %s; it has %s."
                .formatted(field.group(1), message.getName(), fields(message)));
      }
    }
    Matcher value = ENUM.matcher(said);
    if (value.matches()) {
      EnumDescriptor type = FILE.findEnumTypeByName(simple(value.group(2)));
      if (type != null) {
        return rejected(
            "",
            "%s is no %s; give one of %s.".formatted(value.group(1), type.getName(), values(type)));
      }
    }
    Matcher syntax = SYNTAX.matcher(said);
    return syntax.matches()
        ? rejected("", "it is not JSON " + syntax.group(1) + ".")
        : rejected("", said);
  }

  private static JobRejected rejected(String field, String why) {
    return JobCodec.unreadable(field, "The value is not a PuzzleJob in JSON: " + why);
  }

  private static String simple(String name) {
    return name.substring(name.lastIndexOf('.') + 1);
  }

  private static String fields(Descriptor message) {
    return message.getFields().stream().map(FieldDescriptor::getJsonName).collect(joining(", "));
  }

  private static String values(EnumDescriptor type) {
    return type.getValues().stream().map(EnumValueDescriptor::getName).collect(joining(", "));
  }
}
