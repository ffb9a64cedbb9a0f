package hrm.model.data;

import hrm.model.puzzle.Example;
import hrm.model.puzzle.PuzzleKinds;
import hrm.model.puzzle.Sudoku;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

public final class Datasets {
  public static Dataset open(Path path) throws IOException {
    List<Example> l = new ArrayList<>();
    Sudoku kind = (Sudoku) PuzzleKinds.named("sudoku-9x9").orElseThrow();
    for (String s : Files.readAllLines(path)) {
      if (s.startsWith("source,")) continue;
      String[] c = s.split(",");
      l.add(new Example(kind.parse(c[1]), kind.parse(c[2])));
    }
    return Pool.of(kind, l);
  }
}
