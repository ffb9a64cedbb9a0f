package hrm.docker;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Files of this folder, read so that a key which their model does not know is an error. */
final class Yaml {
  static final ObjectMapper STRICT = strict(new ObjectMapper(new YAMLFactory()));
  static final ObjectMapper STRICT_JSON = strict(new ObjectMapper());

  private Yaml() {}

  private static ObjectMapper strict(ObjectMapper mapper) {
    return mapper
        .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
        .setAnnotationIntrospector(new NoCatchAll());
  }

  /** Models keep what they do not know in a map of additional properties: not here. */
  private static final class NoCatchAll extends JacksonAnnotationIntrospector {
    private static final long serialVersionUID = 1;

    @Override
    public Boolean hasAnySetter(Annotated a) {
      return false;
    }
  }

  /** Every document of a file. */
  static List<JsonNode> documents(Path file) throws IOException {
    try (YAMLParser parser = new YAMLFactory().createParser(file.toFile());
        MappingIterator<JsonNode> all = STRICT.readValues(parser, JsonNode.class)) {
      return all.readAll();
    }
  }
}
