package hrm.model.cuda;

import static org.bytedeco.cuda.global.cudart.cudaGraphDestroy;
import static org.bytedeco.cuda.global.cudart.cudaGraphExecDestroy;
import static org.bytedeco.cuda.global.cudart.cudaGraphInstantiate;
import static org.bytedeco.cuda.global.cudart.cudaGraphLaunch;
import static org.bytedeco.cuda.global.cudart.cudaStreamBeginCapture;
import static org.bytedeco.cuda.global.cudart.cudaStreamCaptureModeThreadLocal;
import static org.bytedeco.cuda.global.cudart.cudaStreamEndCapture;

import hrm.model.BrokenDeviceException;
import hrm.model.DeviceMemoryException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.cuda.cudart.CUgraphExec_st;
import org.bytedeco.cuda.cudart.CUgraph_st;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Recorded bodies of kernel calls on one stream. A body runs as it is the first time, which makes
 * its buffers and compiles its kernels; it is recorded the second time, and from then on repeated.
 */
final class Graphs {
  private static final Logger log = LoggerFactory.getLogger(Graphs.class);
  private static final int MOST = 128;
  private static final int MOST_FAILURES = 3; // one may be another thread's doing
  private static final int MEASURED = 5;

  /** What decides a record: the body, the batch and the addresses that it works on. */
  record Key(String what, int batch, List<Long> addresses) {
    @Override
    public String toString() {
      return what + ", batch " + batch;
    }
  }

  private final GpuStream stream;
  private final Map<Key, CUgraphExec_st> records = new HashMap<>(); // null: ran once
  private boolean enabled;
  private int failures;
  private boolean recording;

  Graphs(GpuStream stream, boolean enabled) {
    this.stream = stream;
    this.enabled = enabled;
  }

  boolean isRecording() {
    return recording;
  }

  /** Runs a body in the way that is due; the lock is held. */
  void run(Key key, Runnable body) {
    if (!enabled) {
      body.run();
      return;
    }
    if (!records.containsKey(key)) {
      if (records.size() >= MOST) {
        clear();
      }
      body.run();
      records.put(key, null);
      return;
    }
    CUgraphExec_st record = records.get(key);
    if (record == null) {
      record = record(key, body);
      if (record == null) {
        body.run();
        return;
      }
      records.put(key, record);
    }
    launch(record, key);
  }

  /** What a record of a body takes, the least of some times; infinite where it cannot be made. */
  double seconds(String what, int rows, Runnable body) {
    Key key = new Key(what, rows, List.of());
    CUgraphExec_st record = record(key, body);
    if (record == null) {
      return Double.POSITIVE_INFINITY;
    }
    double best = Double.POSITIVE_INFINITY;
    for (int i = 0; i < MEASURED; i++) {
      stream.synchronize(what);
      long begun = System.nanoTime();
      launch(record, key);
      stream.synchronize(what);
      best = Math.min(best, (System.nanoTime() - begun) / 1e9);
    }
    stream.gpu.runtime(cudaGraphExecDestroy(record), "cudaGraphExecDestroy", what);
    return best;
  }

  private void launch(CUgraphExec_st record, Key key) {
    stream.gpu.runtime(cudaGraphLaunch(record, stream.handle), "cudaGraphLaunch", key);
  }

  /** A record; null when this body cannot be recorded now. */
  private CUgraphExec_st record(Key key, Runnable body) {
    String on = key.toString();
    CUgraph_st graph = new CUgraph_st();
    CUgraphExec_st record = new CUgraphExec_st();
    stream.gpu.runtime(
        cudaStreamBeginCapture(stream.handle, cudaStreamCaptureModeThreadLocal),
        "cudaStreamBeginCapture",
        on);
    recording = true;
    RuntimeException failure = null;
    try {
      body.run();
    } catch (CudaException | IllegalStateException | DeviceMemoryException e) {
      failure = e;
    } finally {
      recording = false;
    }
    try {
      stream.gpu.runtime(cudaStreamEndCapture(stream.handle, graph), "cudaStreamEndCapture", on);
      if (failure == null) {
        stream.gpu.runtime(cudaGraphInstantiate(record, graph, 0), "cudaGraphInstantiate", on);
        stream.gpu.runtime(cudaGraphDestroy(graph), "cudaGraphDestroy", on);
        return record;
      }
    } catch (BrokenDeviceException e) {
      throw e;
    } catch (RuntimeException e) {
      failure = failure == null ? e : failure;
    }
    failures++;
    enabled = failures < MOST_FAILURES;
    log.warn(
        "{} cannot be recorded as a graph; its kernels are called one by one, {}",
        on,
        enabled ? "and it is tried again" : "and so are all others",
        failure);
    return null;
  }

  /** Forgets all, since memory that they use goes away; the lock is held. */
  void clear() {
    if (!stream.gpu.isBroken() && records.values().stream().anyMatch(record -> record != null)) {
      stream.synchronize("the last graph");
      for (CUgraphExec_st record : records.values()) {
        if (record != null) {
          stream.gpu.runtime(cudaGraphExecDestroy(record), "cudaGraphExecDestroy", "");
        }
      }
    }
    records.clear();
  }
}
