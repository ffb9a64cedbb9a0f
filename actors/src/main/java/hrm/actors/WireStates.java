package hrm.actors;

import com.google.protobuf.UnsafeByteOperations;
import hrm.actors.Protocol.Progress;
import hrm.model.Carry;
import hrm.model.HiddenState;
import hrm.model.io.DType;
import hrm.proto.WireProto;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Packed states as protobuf. Two copies of the bytes each way: device to packed bytes and those to
 * the transport's buffer; the buffer to packed bytes and those to the device.
 */
final class WireStates {
  private WireStates() {}

  /** A packed copy of a state, counted. */
  static HiddenState pack(HiddenState state, DType dtype) {
    long begun = System.nanoTime();
    HiddenState packed = state.packed(dtype);
    WireCost.packed(System.nanoTime() - begun);
    return packed;
  }

  /**
   * A state on a device, counted if it was packed.
   *
   * @param resident of the half of the model that will compute with it
   */
  static HiddenState unpack(HiddenState state, UnaryOperator<HiddenState> resident) {
    long begun = System.nanoTime();
    HiddenState here = resident.apply(state);
    if (here != state) {
      WireCost.packed(System.nanoTime() - begun);
    }
    return here;
  }

  /**
   * @throws IllegalArgumentException for a state that is not packed
   */
  static WireProto.HiddenState proto(HiddenState state) {
    if (!state.isPacked()) {
      throw new IllegalArgumentException("a state on a device does not cross nodes; pack it");
    }
    return WireProto.HiddenState.newBuilder()
        .setBatch(state.batch())
        .setSequence(state.sequence())
        .setHidden(state.hidden())
        .setDtype(
            state.dtype() == DType.BF16
                ? WireProto.HiddenState.DType.BFLOAT16
                : WireProto.HiddenState.DType.FLOAT32)
        .setData(UnsafeByteOperations.unsafeWrap(state.bytes()))
        .build();
  }

  /**
   * @throws IllegalArgumentException when the bytes do not fit the shape
   */
  static HiddenState state(WireProto.HiddenState proto) {
    return HiddenState.packed(
        proto.getBatch(),
        proto.getSequence(),
        proto.getHidden(),
        switch (proto.getDtype()) {
          case FLOAT32 -> DType.F32;
          case BFLOAT16 -> DType.BF16;
          case DTYPE_UNSET, UNRECOGNIZED ->
              throw new IllegalArgumentException("a state of unknown type " + proto.getDtype());
        },
        proto.getData().asReadOnlyByteBuffer());
  }

  static WireProto.Progress proto(Progress progress) {
    return WireProto.Progress.newBuilder()
        .setSegments(progress.segments())
        .setZH(proto(progress.carry().zH()))
        .setZL(proto(progress.carry().zL()))
        .build();
  }

  static Progress progress(WireProto.Progress proto) {
    return new Progress(proto.getSegments(), new Carry(state(proto.getZH()), state(proto.getZL())));
  }

  static List<Float> flat(float[][] rows) {
    List<Float> flat = new ArrayList<>();
    for (float[] row : rows) {
      for (float value : row) {
        flat.add(value);
      }
    }
    return flat;
  }

  static float[][] rows(List<Float> flat, int width) {
    float[][] rows = new float[flat.size() / width][width];
    for (int i = 0; i < rows.length * width; i++) {
      rows[i / width][i % width] = flat.get(i);
    }
    return rows;
  }
}
