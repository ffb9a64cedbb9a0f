package hrm.cluster.jobs;

import hrm.cluster.cli.CommandException;
import hrm.model.puzzle.PuzzleGenerator;
import hrm.model.puzzle.PuzzleKind;
import hrm.model.puzzle.PuzzleKinds;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Where the commands get puzzles from. */
public final class Puzzles {
  /** No training set was generated from it. */
  public static final long SEED = 20261124L;

  private Puzzles() {}

  /**
   * @throws CommandException when there is no such set
   */
  public static PuzzleKind set(String name) {
    return named("--set", name);
  }

  /**
   * @param argument that named it
   * @throws CommandException when there is no such kind
   */
  public static PuzzleKind named(String argument, String name) {
    return PuzzleKinds.named(name)
        .orElseThrow(
            () ->
                CommandException.wrongInput(
                    "%s %s: there is no such set; use %s"
                        .formatted(argument, name, PuzzleKinds.names())));
  }

  /** As {@link #generated(PuzzleKind, int)}, for the kind of that name. */
  public static List<Puzzle> generated(String set, int count) {
    return generated(set(set), count);
  }

  /** New puzzles of a kind, the same ones each time. */
  public static List<Puzzle> generated(PuzzleKind kind, int count) {
    PuzzleGenerator generator = PuzzleGenerator.of(kind, SEED);
    List<Puzzle> puzzles = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      puzzles.add(new Puzzle(kind, kind.text(generator.next().inputs())));
    }
    return puzzles;
  }

  /**
   * @param file a path, or "-" for stdin
   * @throws CommandException when it cannot be read or a line is not a puzzle
   */
  public static List<Puzzle> from(String file) throws IOException {
    if (file.equals("-")) {
      return PuzzleFile.read(
          "stdin", new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)));
    }
    Path path = Path.of(file);
    if (Files.isDirectory(path)) {
      throw wrong(file, "is a folder");
    }
    try (BufferedReader in = Files.newBufferedReader(path)) {
      return PuzzleFile.read(file, in);
    } catch (NoSuchFileException e) {
      throw wrong(file, "there is no such file");
    } catch (AccessDeniedException e) {
      throw wrong(file, "this user may not read it");
    } catch (CharacterCodingException e) {
      throw wrong(file, "is not text in UTF-8");
    }
  }

  private static CommandException wrong(String file, String why) {
    return CommandException.wrongInput(
        "%s: %s; give a file of puzzles, one a line or as CSV, or - for stdin"
            .formatted(file, why));
  }
}
