package hrm.model.io.torch;

import hrm.model.io.DType;
import hrm.model.io.HostTensor;
import hrm.model.io.ModelFileException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;

/**
 * A file that {@code torch.save} wrote, open: what it describes is read at once, the elements of a
 * tensor when asked for. Nothing in the file is ever run; see {@link PickleReader}.
 */
public final class TorchCheckpoint implements Closeable {
  private static final int CHUNK = 1 << 16; // bytes, a multiple of every element's

  private final TorchArchive archive;
  private final Map<?, ?> root;

  private TorchCheckpoint(TorchArchive archive, Map<?, ?> root) {
    this.archive = archive;
    this.root = root;
  }

  /**
   * @throws ModelFileException saying what is wrong with the file, or what it asks for that weights
   *     do not need
   */
  public static TorchCheckpoint open(Path file) throws IOException {
    TorchArchive archive = TorchArchive.open(file);
    try {
      Object root = new PickleReader(file, archive.pickle(), archive).read();
      if (!(root instanceof Map<?, ?> map)) {
        throw new ModelFileException(
            file, "holds no dictionary of tensors; save the model's state_dict");
      }
      return new TorchCheckpoint(archive, Collections.unmodifiableMap(map));
    } catch (IOException | RuntimeException e) {
      archive.close();
      throw e;
    }
  }

  /**
   * The saved dictionary: keys are strings or Longs; values strings, numbers, {@link TorchTensor}s,
   * and dictionaries, lists and tuples of these, which may contain themselves.
   */
  public Map<?, ?> root() {
    return root;
  }

  /** A tensor's elements, in row order whatever their order in the file. */
  public HostTensor load(TorchTensor tensor) throws IOException {
    DType dtype = tensor.dtype();
    Object data = dtype.newArray(tensor.size());
    if (tensor.isContiguous()) {
      read(tensor, data, tensor.size());
    } else {
      Object span = dtype.newArray((int) tensor.span());
      read(tensor, span, (int) tensor.span());
      gather(tensor, span, data);
    }
    return new HostTensor(dtype, tensor.shape(), data);
  }

  @Override
  public void close() throws IOException {
    archive.close();
  }

  /** Reads elements from the tensor's first on, as they lie in the storage. */
  private void read(TorchTensor tensor, Object to, int count) throws IOException {
    DType dtype = tensor.dtype();
    byte[] chunk = new byte[CHUNK];
    ByteBuffer buffer = ByteBuffer.wrap(chunk).order(ByteOrder.LITTLE_ENDIAN);
    try (TorchArchive.Entry in = archive.storage(tensor.storage().key())) {
      in.skip(tensor.offset() * dtype.bytes());
      for (int at = 0, n; at < count; at += n) {
        n = Math.min(count - at, CHUNK / dtype.bytes());
        in.fill(chunk, n * dtype.bytes());
        dtype.get(buffer.clear(), to, at, n);
      }
      in.verify();
    }
  }

  @SuppressWarnings("SuspiciousSystemArraycopy") // both are the type's array
  private static void gather(TorchTensor tensor, Object from, Object to) {
    int[] index = new int[tensor.rank()];
    int size = tensor.size();
    for (int at = 0; at < size; at++) {
      long place = 0;
      for (int axis = 0; axis < index.length; axis++) {
        place += index[axis] * tensor.stride(axis);
      }
      System.arraycopy(from, (int) place, to, at, 1);
      for (int axis = index.length - 1; axis >= 0 && ++index[axis] == tensor.extent(axis); axis--) {
        index[axis] = 0;
      }
    }
  }
}
