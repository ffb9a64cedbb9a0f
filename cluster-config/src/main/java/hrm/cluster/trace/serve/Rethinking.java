package hrm.cluster.trace.serve;

import hrm.cluster.http.HttpRefusal;
import hrm.cluster.trace.TraceView;
import hrm.model.Backend;
import hrm.model.Model;
import hrm.model.Trajectory;
import hrm.model.data.NpyFloats;
import hrm.model.puzzle.PuzzleException;
import hrm.proto.Admitted;
import hrm.proto.TraceEvent;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * The states of a traced job, which no trace holds: thought again from its puzzle, one request at a
 * time.
 */
final class Rethinking {
  /** No job is thought further: one request must not take minutes. */
  static final int MOST_SEGMENTS = 64;

  private final Supplier<List<Model>> models;
  private final Supplier<Backend> backend;
  private final Semaphore one = new Semaphore(1);

  /**
   * @param models that this node knows by their files
   * @param backend made when it is first needed
   */
  Rethinking(Supplier<List<Model>> models, Supplier<Backend> backend) {
    this.models = models;
    this.backend = backend;
  }

  /**
   * An .npy file of (sequence, hidden), float32.
   *
   * @throws HttpRefusal saying why it cannot be had
   */
  byte[] tensor(TraceView trace, Trajectory.Place place, Trajectory.State state) {
    if (place.segment() > MOST_SEGMENTS) {
      throw new HttpRefusal(
          400,
          "segment %d: tensors are computed up to segment %d"
              .formatted(place.segment(), MOST_SEGMENTS));
    }
    Admitted admitted =
        trace.events().stream()
            .filter(TraceEvent::hasAdmitted)
            .map(TraceEvent::getAdmitted)
            .reduce((first, last) -> last)
            .orElseThrow(
                () -> new HttpRefusal(409, "the trace does not hold which puzzle was admitted"));
    Model model = model(admitted.getModel());
    int[] inputs = inputs(model, admitted.getPuzzle());
    if (!one.tryAcquire()) {
      throw new HttpRefusal(503, "another tensor is being computed; try again in a moment");
    }
    try {
      float[] values = Trajectory.state(model, inputs, 0, place, state, backend.get());
      return NpyFloats.bytes(values, model.config().sequence(), model.config().hiddenSize());
    } catch (IllegalArgumentException e) {
      throw new HttpRefusal(400, e.getMessage());
    } finally {
      one.release();
    }
  }

  private Model model(String name) {
    Model model =
        models.get().stream()
            .filter(m -> m.name().equals(name))
            .findFirst()
            .orElseThrow(
                () ->
                    new HttpRefusal(
                        409,
                        "this node has no model \"%s\"; add its folder to hrm.model.path (HRM_MODEL_PATH) here"
                            .formatted(name)));
    if (model.sha256().startsWith("simulated-")) {
      throw new HttpRefusal(409, "the simulated backend thinks nothing that could be shown");
    }
    if (model.config().puzzleEmbNdim() > 0) {
      throw new HttpRefusal(
          409,
          "model \"%s\" has puzzle embeddings, and traces do not name a job's".formatted(name));
    }
    return model;
  }

  private static int[] inputs(Model model, String puzzle) {
    try {
      return model
          .puzzle()
          .orElseThrow(
              () ->
                  new HttpRefusal(
                      409,
                      "model \"%s\" does not say which puzzle it solves".formatted(model.name())))
          .parse(puzzle);
    } catch (PuzzleException e) {
      throw new HttpRefusal(409, "the trace's puzzle cannot be read: " + e.getMessage());
    }
  }
}
