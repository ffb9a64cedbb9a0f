package hrm.actors;

import hrm.model.HaltingPolicy;
import hrm.model.Model;
import hrm.model.puzzle.PuzzleException;
import hrm.model.puzzle.PuzzleKind;
import hrm.proto.JobFailure.Cause;
import hrm.proto.JobOptions;
import hrm.proto.PuzzleJob;
import hrm.proto.Tokens;
import hrm.proto.TraceChoice;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Makes a {@link Task} of a job, or says what is wrong with it. */
final class JobCheck {
  private final List<Model> models;
  private final ActorsSettings settings;
  private final boolean again;

  JobCheck(List<Model> models, ActorsSettings settings) {
    this(models, settings, false);
  }

  private JobCheck(List<Model> models, ActorsSettings settings, boolean again) {
    this.models = List.copyOf(models);
    this.settings = settings;
    this.again = again;
  }

  /**
   * The check of a planner: a gateway has accepted the job by its own settings, and chosen the
   * model, which may have another name there.
   */
  static JobCheck again(Model model, ActorsSettings settings) {
    return new JobCheck(List.of(model), settings, true);
  }

  /**
   * @throws JobInvalid naming the job, the field, what is wrong and the remedy
   */
  Task check(PuzzleJob job) {
    if (job.getId().isBlank()) {
      throw invalid(job, "id", "is empty", "give every job an id of its own");
    }
    if (job.getPuzzleCase() == PuzzleJob.PuzzleCase.PUZZLE_NOT_SET) {
      throw invalid(job, "text", "there is no puzzle", "set text or tokens");
    }
    Model model = model(job);
    int[] tokens = tokens(job, model);
    int identifiers = model.config().numPuzzleIdentifiers();
    if (job.getPuzzleIdentifier() < 0 || job.getPuzzleIdentifier() >= identifiers) {
      throw invalid(
          job,
          "puzzle_identifier",
          "is " + job.getPuzzleIdentifier(),
          "model %s has rows 0 to %d".formatted(model.name(), identifiers - 1));
    }
    PuzzleJob normal =
        job.toBuilder()
            .setModel(model.name())
            .setTokens(Tokens.newBuilder().addAllValues(Arrays.stream(tokens).boxed().toList()))
            .build();
    return new Task(
        normal, model, tokens, policy(job, model), maxSegments(job, model), deadline(job));
  }

  private Model model(PuzzleJob job) {
    if (again) {
      return models.get(0);
    }
    if (job.getModel().isEmpty()) {
      int cells = cells(job);
      return models.stream()
          .filter(model -> model.config().seqLen() == cells)
          .findFirst()
          .orElseThrow(
              () ->
                  invalid(
                      job,
                      puzzleField(job),
                      "has %d cells, which fit no model".formatted(cells),
                      "known models: " + known()));
    }
    return models.stream()
        .filter(model -> model.name().equals(job.getModel()))
        .findFirst()
        .or(() -> models.stream().filter(model -> solves(model, job.getModel())).findFirst())
        .orElseThrow(
            () ->
                new JobInvalid(
                    Cause.UNKNOWN_MODEL,
                    job.getId(),
                    "model",
                    "\"%s\" is not known here; known models: %s"
                        .formatted(job.getModel(), known())));
  }

  private static boolean solves(Model model, String kind) {
    return model.puzzle().filter(puzzle -> puzzle.name().equals(kind)).isPresent();
  }

  private String known() {
    return models.isEmpty()
        ? "none"
        : models.stream()
            .map(
                model ->
                    "%s (%s)"
                        .formatted(
                            model.name(),
                            model
                                .puzzle()
                                .map(PuzzleKind::name)
                                .orElse(model.config().seqLen() + " tokens")))
            .collect(Collectors.joining(", "));
  }

  private static int cells(PuzzleJob job) {
    return job.hasTokens() ? job.getTokens().getValuesCount() : job.getText().length();
  }

  private static String puzzleField(PuzzleJob job) {
    return job.hasTokens() ? "tokens" : "text";
  }

  private static int[] tokens(PuzzleJob job, Model model) {
    Optional<PuzzleKind> kind = model.puzzle();
    if (kind.isEmpty() && job.hasText()) {
      throw invalid(
          job, "text", "model %s has no text form".formatted(model.name()), "set tokens instead");
    }
    try {
      int[] tokens =
          job.hasTokens()
              ? job.getTokens().getValuesList().stream().mapToInt(Integer::intValue).toArray()
              : kind.orElseThrow().parse(job.getText());
      kind.ifPresent(puzzle -> puzzle.check(tokens));
      checkShape(job, model, tokens);
      return tokens;
    } catch (PuzzleException e) {
      throw new JobInvalid(Cause.INVALID, job.getId(), puzzleField(job), e.getMessage());
    }
  }

  private static void checkShape(PuzzleJob job, Model model, int[] tokens) {
    int cells = model.config().seqLen();
    int vocabulary = model.config().vocabSize();
    if (tokens.length != cells) {
      throw invalid(
          job,
          puzzleField(job),
          "has %d cells".formatted(tokens.length),
          "model %s takes %d".formatted(model.name(), cells));
    }
    for (int cell = 0; cell < cells; cell++) {
      if (tokens[cell] < 0 || tokens[cell] >= vocabulary) {
        throw invalid(
            job,
            puzzleField(job),
            "cell %d holds token %d".formatted(cell, tokens[cell]),
            "model %s has tokens 0 to %d".formatted(model.name(), vocabulary - 1));
      }
    }
  }

  private HaltingPolicy policy(PuzzleJob job, Model model) {
    JobOptions options = job.getOptions();
    if (options.getTrace() == TraceChoice.UNRECOGNIZED) {
      throw invalid(
          job,
          "options.trace",
          "is number " + options.getTraceValue(),
          "use TRACE_UNSET, TRACE_ON or TRACE_OFF");
    }
    return switch (options.getHalting()) {
      case HALTING_UNSET ->
          settings.halting() == HaltingPolicy.VERIFIED && model.puzzle().isEmpty()
              ? HaltingPolicy.Q_HEAD
              : settings.halting();
      case MAX_STEPS -> HaltingPolicy.MAX_STEPS;
      case Q_HEAD -> HaltingPolicy.Q_HEAD;
      case VERIFIED -> {
        if (model.puzzle().isEmpty()) {
          throw invalid(
              job,
              "options.halting",
              "is VERIFIED, but model %s does not say which puzzle it solves"
                  .formatted(model.name()),
              "use Q_HEAD or MAX_STEPS");
        }
        yield HaltingPolicy.VERIFIED;
      }
      case UNRECOGNIZED ->
          throw invalid(
              job,
              "options.halting",
              "is number " + options.getHaltingValue(),
              "use HALTING_UNSET, MAX_STEPS, Q_HEAD or VERIFIED");
    };
  }

  private int maxSegments(PuzzleJob job, Model model) {
    int asked = job.getOptions().getMaxSegments();
    if (asked < 0 || asked > settings.maxSegments() && !again) {
      throw invalid(
          job,
          "options.max_segments",
          "is " + asked,
          "use 1 to %d, or 0 for the model's %d"
              .formatted(settings.maxSegments(), model.config().haltMaxSteps()));
    }
    return asked == 0 ? model.config().haltMaxSteps() : asked;
  }

  private static Optional<Instant> deadline(PuzzleJob job) {
    if (!job.getOptions().hasDeadline()) {
      return Optional.empty();
    }
    long seconds = job.getOptions().getDeadline().getSeconds();
    int nanos = job.getOptions().getDeadline().getNanos();
    try {
      if (seconds >= 0 && nanos >= 0 && nanos < 1_000_000_000) {
        return Optional.of(Instant.ofEpochSecond(seconds, nanos));
      }
    } catch (DateTimeException e) {
      // Beyond the year 1,000,000,000: as wrong as the others.
    }
    throw invalid(
        job,
        "options.deadline",
        "is %d s and %d ns after 1970".formatted(seconds, nanos),
        "use a time after 1970 with nanos from 0 to 999999999, or leave it out");
  }

  private static JobInvalid invalid(PuzzleJob job, String field, String what, String remedy) {
    return new JobInvalid(Cause.INVALID, job.getId(), field, what + "; " + remedy);
  }
}
