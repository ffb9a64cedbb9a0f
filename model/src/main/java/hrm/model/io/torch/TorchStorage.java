package hrm.model.io.torch;

/** One entry of raw elements; several tensors may be views of it. */
record TorchStorage(ElementType type, String key, long elements) {}
