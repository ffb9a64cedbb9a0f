/**
 * Checkpoints as {@code torch.save} writes them, read without running what they ask for: a zip
 * archive with a pickle (protocol 2 to 5) that describes dictionaries and tensors, and one entry of
 * raw bytes per storage. Sources: the documentation of {@code torch.serialization} and of Python's
 * {@code pickletools}.
 */
package hrm.model.io.torch;
