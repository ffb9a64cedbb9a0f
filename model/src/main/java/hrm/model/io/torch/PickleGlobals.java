package hrm.model.io.torch;

import hrm.model.io.ModelFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Optional;

/** The few classes and functions that a pickle of weights may name, and what they build. */
final class PickleGlobals {
  private static final int MAX_RANK = 8;
  private static final long MAX_ARRAY = Integer.MAX_VALUE - 8; // elements

  /** What a pickle may call. */
  private enum Function {
    ORDERED_DICT,
    REBUILD_TENSOR,
    REBUILD_PARAMETER
  }

  private final Path file;
  private final TorchArchive archive;
  private long described; // bytes of all tensors so far

  PickleGlobals(Path file, TorchArchive archive) {
    this.file = file;
    this.archive = archive;
  }

  /**
   * @throws ModelFileException naming what the pickle asks for and may not have
   */
  Object find(String module, String name) throws ModelFileException {
    switch (module + "." + name) {
      case "collections.OrderedDict":
        return Function.ORDERED_DICT;
      case "torch._utils._rebuild_tensor_v2":
        return Function.REBUILD_TENSOR;
      case "torch._utils._rebuild_parameter":
        return Function.REBUILD_PARAMETER;
      default:
    }
    if (module.equals("torch") && name.endsWith("Storage")) {
      Optional<ElementType> type = ElementType.named(name);
      if (type.isPresent()) {
        return type.get();
      }
      throw bad(
          "holds numbers of a type that is not read, torch.%s; convert them to float32 (read are %s)"
              .formatted(PickleInput.shown(name), ElementType.names()));
    }
    throw forbidden(module, name);
  }

  ModelFileException forbidden(String module, String name) {
    return bad(
        "its pickle asks for %s, which no checkpoint of weights needs: refused, nothing was run; if you trust its source, save the model's state_dict alone"
            .formatted(PickleInput.shown(module + "." + name)));
  }

  /** The storage that a persistent id describes: ('storage', class, key, location, elements). */
  TorchStorage storage(Object id) throws ModelFileException {
    if (!(id instanceof Object[] parts)
        || parts.length != 5
        || !"storage".equals(parts[0])
        || !(parts[1] instanceof ElementType type)
        || !(parts[2] instanceof String key)
        || !(parts[3] instanceof String)
        || !(parts[4] instanceof Long elements)) {
      throw bad("its pickle refers to an object outside the file that is not a storage of torch");
    }
    long bytes = archive.size(key);
    if (bytes < 0) {
      throw bad("has no entry data/%s for a storage".formatted(PickleInput.shown(key)));
    }
    if (elements < 0 || elements > bytes / type.dtype().bytes()) {
      throw bad(
          "the storage data/%s has %d bytes, too few for the %d elements of %s that it should hold; it is cut short, fetch it again"
              .formatted(PickleInput.shown(key), bytes, elements, type.dtype()));
    }
    return new TorchStorage(type, key, elements);
  }

  Object call(Object function, Object argument) throws ModelFileException {
    if (!(function instanceof Function known) || !(argument instanceof Object[] arguments)) {
      throw bad("its pickle calls something that is not a function (opcode REDUCE)");
    }
    switch (known) {
      case ORDERED_DICT:
        if (arguments.length == 0) {
          return new LinkedHashMap<>();
        }
        break;
      case REBUILD_TENSOR:
        if (arguments.length >= 4
            && arguments[0] instanceof TorchStorage storage
            && arguments[1] instanceof Long offset
            && arguments[2] instanceof Object[] shape
            && arguments[3] instanceof Object[] strides) {
          return tensor(storage, offset, shape, strides);
        }
        break;
      case REBUILD_PARAMETER:
        if (arguments.length >= 1 && arguments[0] instanceof TorchTensor tensor) {
          return tensor;
        }
        break;
    }
    throw bad(
        "its pickle calls %s with arguments of other kinds than torch.save's".formatted(known));
  }

  private TorchTensor tensor(TorchStorage storage, long offset, Object[] shape, Object[] strides)
      throws ModelFileException {
    long[] extents = wholes(shape);
    long[] steps = wholes(strides);
    if (extents.length != steps.length || offset < 0) {
      throw bad("a tensor in data/%s has a bad shape, strides or offset".formatted(storage.key()));
    }
    int[] small = new int[extents.length];
    long elements = 1;
    long last = offset;
    try {
      for (int i = 0; i < small.length; i++) {
        small[i] = Math.toIntExact(extents[i]);
        elements = Math.multiplyExact(elements, extents[i]);
        last = Math.addExact(last, Math.multiplyExact(Math.max(0, extents[i] - 1), steps[i]));
      }
    } catch (ArithmeticException e) {
      throw tooLarge(storage, extents);
    }
    if (elements > MAX_ARRAY || elements > 0 && last - offset >= MAX_ARRAY) {
      throw tooLarge(storage, extents);
    }
    if (elements > 0 && last >= storage.elements()) {
      throw bad(
          "a tensor of shape %s reaches element %d of the storage data/%s, which holds %d; the file is cut short or damaged"
              .formatted(
                  Arrays.toString(extents),
                  last,
                  PickleInput.shown(storage.key()),
                  storage.elements()));
    }
    described += elements * storage.type().dtype().bytes();
    if (described > archive.limit()) {
      throw bad(
          "its tensors together have more than %d times the file's bytes; it is a bomb or damaged"
              .formatted(TorchArchive.MAX_INFLATION));
    }
    return new TorchTensor(storage, offset, small, steps);
  }

  private long[] wholes(Object[] values) throws ModelFileException {
    long[] wholes = new long[values.length];
    boolean good = values.length <= MAX_RANK;
    for (int i = 0; good && i < values.length; i++) {
      good = values[i] instanceof Long whole && whole >= 0;
      wholes[i] = good ? (long) values[i] : 0;
    }
    if (!good) {
      throw bad(
          "a tensor's shape or strides are not up to %d whole numbers from 0".formatted(MAX_RANK));
    }
    return wholes;
  }

  private ModelFileException tooLarge(TorchStorage storage, long[] shape) {
    return bad(
        "a tensor of shape %s in data/%s is larger than any storage"
            .formatted(Arrays.toString(shape), PickleInput.shown(storage.key())));
  }

  private ModelFileException bad(String what) {
    return new ModelFileException(file, what);
  }
}
