package hrm.docker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A Dockerfile's stages and their instructions, as far as ours use them; anything else is an error.
 */
record Dockerfile(List<Stage> stages) {
  private static final List<String> KNOWN =
      List.of(
          "ARG",
          "COPY",
          "RUN",
          "WORKDIR",
          "ENV",
          "USER",
          "EXPOSE",
          "STOPSIGNAL",
          "ENTRYPOINT",
          "CMD");

  record Step(String instruction, String argument) {}

  record Stage(String image, String name, List<Step> steps) {
    Stream<String> all(String instruction) {
      return steps.stream().filter(s -> s.instruction().equals(instruction)).map(Step::argument);
    }

    String only(String instruction) {
      List<String> found = all(instruction).toList();
      if (found.size() != 1) {
        throw new IllegalStateException(instruction + ": " + found);
      }
      return found.get(0);
    }

    /** The exec form: a JSON array, so that no shell is needed. */
    List<String> exec(String instruction) throws IOException {
      return List.of(Yaml.STRICT_JSON.readValue(only(instruction), String[].class));
    }

    Map<String, String> environment() {
      return all("ENV")
          .map(text -> text.split("=", 2))
          .collect(java.util.stream.Collectors.toMap(pair -> pair[0], pair -> pair[1]));
    }
  }

  static Dockerfile read(Path file) throws IOException {
    List<Stage> stages = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      String[] words = line.split("\\s+", 2);
      if (words[0].equals("FROM")) {
        String[] from = words[1].split("\\s+");
        stages.add(new Stage(from[0], from.length == 3 ? from[2] : "", new ArrayList<>()));
      } else if (KNOWN.contains(words[0])) {
        stages.get(stages.size() - 1).steps().add(new Step(words[0], words[1]));
      } else {
        throw new IllegalStateException(file + ": " + line);
      }
    }
    return new Dockerfile(stages);
  }

  Stage build() {
    return stages.get(0);
  }

  Stage last() {
    return stages.get(stages.size() - 1);
  }
}
