package hrm.model.io.torch;

import hrm.model.io.DType;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** The element types of a storage, by the name of its class in the module {@code torch}. */
enum ElementType {
  FLOAT("FloatStorage", DType.F32),
  DOUBLE("DoubleStorage", DType.F64),
  HALF("HalfStorage", DType.F16),
  BFLOAT16("BFloat16Storage", DType.BF16),
  INT("IntStorage", DType.I32),
  LONG("LongStorage", DType.I64),
  BYTE("ByteStorage", DType.U8),
  BOOL("BoolStorage", DType.BOOL);

  private final String storageClass;
  private final DType dtype;

  ElementType(String storageClass, DType dtype) {
    this.storageClass = storageClass;
    this.dtype = dtype;
  }

  DType dtype() {
    return dtype;
  }

  static Optional<ElementType> named(String storageClass) {
    return Arrays.stream(values()).filter(t -> t.storageClass.equals(storageClass)).findFirst();
  }

  static String names() {
    return Arrays.stream(values()).map(t -> t.storageClass).collect(Collectors.joining(", "));
  }
}
