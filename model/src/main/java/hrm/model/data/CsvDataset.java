package hrm.model.data;

import hrm.model.io.ModelFileException;
import hrm.model.puzzle.PuzzleException;
import hrm.model.puzzle.PuzzleKind;
import hrm.model.puzzle.PuzzleKinds;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Puzzles with their solutions from CSV as the published Sudoku sets have it: a header that names
 * the columns {@code question} and {@code answer}, in any order and beside others, one character a
 * cell. {@link Remarks} are skipped. All puzzles of a file are of one kind, which the length of the
 * first tells.
 */
public final class CsvDataset {
  private final Path file;
  private List<String> header;
  private int question;
  private int answer;
  private PuzzleKind kind;
  private TokenRows inputs;
  private TokenRows labels;

  private CsvDataset(Path file) {
    this.file = file;
  }

  /**
   * @throws ModelFileException naming file and line, what is wrong and what to do
   */
  public static Pool read(Path file) throws IOException {
    CsvDataset data = new CsvDataset(file);
    try (BufferedReader in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      int number = 0;
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        number++;
        String text = number == 1 && line.startsWith("\uFEFF") ? line.substring(1) : line;
        if (!Remarks.contains(text, data.header)) {
          data.line(number, text);
        }
      }
    } catch (MalformedInputException e) {
      throw new ModelFileException(file, "is not text in UTF-8; give a CSV file", e);
    }
    if (data.header == null || data.inputs == null) {
      throw new ModelFileException(
          file, "holds no puzzle; give CSV with the header source,question,answer,rating");
    }
    return new Pool(data.kind, data.inputs, data.labels, 0, data.inputs.size());
  }

  private void line(int number, String line) throws ModelFileException {
    String[] columns = line.split(",", -1);
    if (header == null) {
      header = Arrays.stream(columns).map(String::strip).toList();
      question = header.indexOf("question");
      answer = header.indexOf("answer");
      if (question < 0 || answer < 0) {
        throw new ModelFileException(
            "%s:%d: the header has no column %s; begin with one such as source,question,answer,rating"
                .formatted(file, number, question < 0 ? "question" : "answer"));
      }
      return;
    }
    if (columns.length != header.size()) {
      throw wrong(
          number,
          "there are %d columns where the header has %d".formatted(columns.length, header.size()));
    }
    try {
      puzzle(number, columns[question], columns[answer]);
    } catch (PuzzleException e) {
      throw wrong(number, e.getMessage());
    }
  }

  private void puzzle(int number, String asked, String answered) throws ModelFileException {
    if (kind == null) {
      kind =
          PuzzleKinds.ofCells(asked.length())
              .orElseThrow(
                  () ->
                      wrong(
                          number,
                          "the question has %d characters; known are %s"
                              .formatted(asked.length(), sizes())));
      inputs = new TokenRows(kind.cells());
      labels = new TokenRows(kind.cells());
    }
    int[] puzzle = kind.parse(asked);
    kind.check(puzzle);
    int[] solution = solution(number, answered);
    if (!kind.solves(puzzle, solution)) {
      throw wrong(number, "the answer does not solve the question by the rules of " + kind.name());
    }
    inputs.add(puzzle);
    labels.add(solution);
  }

  private int[] solution(int number, String answered) throws ModelFileException {
    try {
      return kind.parse(answered);
    } catch (PuzzleException e) {
      throw wrong(number, "the answer: " + e.getMessage());
    }
  }

  private static String sizes() {
    return PuzzleKinds.ALL.stream()
        .map(kind -> "%d (%s)".formatted(kind.cells(), kind.name()))
        .collect(Collectors.joining(", "));
  }

  private ModelFileException wrong(int number, String what) {
    return new ModelFileException(
        file + ":" + number + ": " + what + "; correct or remove the line");
  }
}
