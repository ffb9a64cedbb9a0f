package hrm.proto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Messages as released versions wrote them, a folder each, are still read whole. A release adds its
 * own: {@code mvn -pl proto test -Dtest=CompatibilityTest -Dhrm.samples.write=VERSION}; the files
 * of earlier versions are never written again.
 */
class CompatibilityTest {
  private static final Path FOLDER = Path.of("src/test/resources/compatibility");

  @BeforeAll
  static void write() throws IOException {
    String version = System.getProperty("hrm.samples.write");
    if (version != null) {
      Samples.write(FOLDER.resolve(version));
    }
  }

  static List<Path> samples() throws IOException {
    try (Stream<Path> files = Files.walk(FOLDER)) {
      return files.filter(file -> file.toString().endsWith(".binpb")).sorted().toList();
    }
  }

  private static String kind(Path sample) {
    return sample.getFileName().toString().replaceAll("(-.*)?\\.binpb", "");
  }

  @ParameterizedTest
  @MethodSource("samples")
  void storedMessage_isReadWhole_andMeansTheSame(Path sample) throws IOException {
    Descriptor kind = Samples.kinds().get(kind(sample));
    assertNotNull(kind, "messages are never removed: " + kind(sample));
    DynamicMessage read = DynamicMessage.parseFrom(kind, Files.readAllBytes(sample));
    assertNothingUnknown(read);
    Path text = Path.of(sample.toString().replace(".binpb", ".txtpb"));
    DynamicMessage.Builder meant = DynamicMessage.newBuilder(kind);
    TextFormat.merge(Files.readString(text), meant); // by name: a renamed field fails here
    assertEquals(meant.build(), read);
  }

  private static void assertNothingUnknown(Message message) {
    assertTrue(
        message.getUnknownFields().asMap().isEmpty(), message.getDescriptorForType().getName());
    for (Object value : message.getAllFields().values()) {
      for (Object each : value instanceof List<?> list ? list : List.of(value)) {
        if (each instanceof Message inner) {
          assertNothingUnknown(inner);
        }
      }
    }
  }

  @Test
  void everyKind_hasASampleOfTheFirstVersionOrALaterOne() throws IOException {
    Set<String> stored =
        samples().stream().map(CompatibilityTest::kind).collect(Collectors.toSet());
    Map<String, Descriptor> kinds = Samples.kinds();
    assertEquals(new TreeSet<>(kinds.keySet()), new TreeSet<>(stored));
  }
}
