package hrm.model.io.torch;

import hrm.model.io.ModelFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A reader of pickles that can build None, booleans, numbers, strings, tuples ({@code Object[]}),
 * lists, dictionaries and tensors, and nothing else. Opcodes and limits are checked one by one;
 * what is not known here is refused by its name. Never recurses, so depth costs no Java stack.
 */
final class PickleReader {
  static final int MAX_OPCODES = 2_000_000;
  static final int MAX_STACK = 100_000;
  static final int MAX_MARKS = 1_000;
  static final int MAX_MEMO = 1_000_000;

  private final Path file;
  private final PickleInput in;
  private final PickleGlobals globals;
  private final List<Object> stack = new ArrayList<>();
  private final List<Integer> marks = new ArrayList<>();
  private final Map<Long, Object> memo = new HashMap<>();

  PickleReader(Path file, byte[] pickle, TorchArchive archive) {
    this.file = file;
    this.in = new PickleInput(file, pickle);
    this.globals = new PickleGlobals(file, archive);
  }

  /** The object that the pickle describes; dictionaries are {@link LinkedHashMap}s. */
  Object read() throws ModelFileException {
    for (int count = 0; count < MAX_OPCODES; count++) {
      int opcode = in.u1();
      if (opcode == '.') {
        return pop();
      }
      step(opcode);
      if (stack.size() > MAX_STACK || marks.size() > MAX_MARKS || memo.size() > MAX_MEMO) {
        throw bad("its pickle nests or remembers more than %d things".formatted(MAX_STACK));
      }
    }
    throw bad("its pickle has more than %d opcodes".formatted(MAX_OPCODES));
  }

  private void step(int opcode) throws ModelFileException {
    switch (opcode) {
      case 0x80 -> protocol(in.u1());
      case 0x95 -> in.i8(); // FRAME
      case '(' -> marks.add(stack.size());
      case '0' -> {
        if (!marks.isEmpty() && marks.get(marks.size() - 1) == stack.size()) {
          marks.remove(marks.size() - 1);
        } else {
          pop();
        }
      }
      case '1' -> popMark();
      case '2' -> stack.add(top());
      case 'N' -> stack.add(null);
      case 0x88 -> stack.add(true);
      case 0x89 -> stack.add(false);
      case 'J' -> stack.add((long) in.i4());
      case 'K' -> stack.add((long) in.u1());
      case 'M' -> stack.add((long) in.u2());
      case 0x8a -> stack.add(in.whole(in.u1()));
      case 0x8b -> stack.add(in.whole(in.u4()));
      case 'G' -> stack.add(in.f8());
      case 0x8c, 'U' -> stack.add(in.text(in.u1()));
      case 'X', 'T' -> stack.add(in.text(in.u4()));
      case 0x8d -> stack.add(in.text(in.i8()));
      case ')' -> stack.add(new Object[0]);
      case 0x85, 0x86, 0x87 -> tuple(opcode - 0x84);
      case 't' -> stack.add(popMark());
      case ']' -> stack.add(new ArrayList<>());
      case 'l' -> stack.add(new ArrayList<>(Arrays.asList(popMark())));
      case 'a' -> {
        Object item = pop();
        list().add(item);
      }
      case 'e' -> {
        Object[] items = popMark();
        list().addAll(Arrays.asList(items));
      }
      case '}' -> stack.add(new LinkedHashMap<>());
      case 'd' -> {
        Object[] items = popMark();
        stack.add(new LinkedHashMap<>());
        putAll(items);
      }
      case 's' -> {
        Object value = pop();
        putAll(new Object[] {pop(), value});
      }
      case 'u' -> putAll(popMark());
      case 'q' -> memo.put((long) in.u1(), top());
      case 'r' -> memo.put(in.u4(), top());
      case 0x94 -> memo.put((long) memo.size(), top());
      case 'h' -> stack.add(recall(in.u1()));
      case 'j' -> stack.add(recall(in.u4()));
      case 'c' -> stack.add(globals.find(in.line(), in.line()));
      case 0x93 -> {
        Object name = pop();
        stack.add(globals.find(string(pop()), string(name)));
      }
      case 'Q' -> stack.add(globals.storage(pop()));
      case 'R' -> {
        Object arguments = pop();
        stack.add(globals.call(pop(), arguments));
      }
      case 'b' -> build(pop());
      case 'i' -> throw globals.forbidden(in.line(), in.line());
      default -> throw refused(opcode);
    }
  }

  private void protocol(int version) throws ModelFileException {
    if (version < 2 || version > 5) {
      throw bad("its pickle is of protocol %d; 2 to 5 are read".formatted(version));
    }
  }

  private void tuple(int size) throws ModelFileException {
    Object[] items = new Object[size];
    for (int i = size - 1; i >= 0; i--) {
      items[i] = pop();
    }
    stack.add(items);
  }

  /** Attributes of a dictionary, such as a state_dict's _metadata, are dropped. */
  private void build(Object state) throws ModelFileException {
    if (!(top() instanceof Map) || !(state == null || state instanceof Map)) {
      throw bad("its pickle sets the state of something other than a dictionary (opcode BUILD)");
    }
  }

  @SuppressWarnings("unchecked") // only this class makes lists, all of Object
  private List<Object> list() throws ModelFileException {
    if (top() instanceof List<?> list) {
      return (List<Object>) list;
    }
    throw bad("its pickle appends to something other than a list");
  }

  @SuppressWarnings("unchecked") // only this package makes maps, all of Object
  private void putAll(Object[] items) throws ModelFileException {
    if (!(top() instanceof Map<?, ?> map) || items.length % 2 != 0) {
      throw bad("its pickle puts items into something other than a dictionary, or half a pair");
    }
    for (int i = 0; i < items.length; i += 2) {
      if (!(items[i] instanceof String || items[i] instanceof Long)) {
        throw bad("its pickle has a dictionary key that is neither a string nor a whole number");
      }
      ((Map<Object, Object>) map).put(items[i], items[i + 1]);
    }
  }

  private Object recall(long key) throws ModelFileException {
    Object value = memo.get(key);
    if (value == null && !memo.containsKey(key)) {
      throw bad("its pickle recalls object %d, which it has not remembered".formatted(key));
    }
    return value;
  }

  private String string(Object value) throws ModelFileException {
    if (value instanceof String text) {
      return text;
    }
    throw bad("its pickle names a global by something other than strings (STACK_GLOBAL)");
  }

  private Object top() throws ModelFileException {
    int floor = marks.isEmpty() ? 0 : marks.get(marks.size() - 1);
    if (stack.size() <= floor) {
      throw bad("its pickle takes more from its stack than it put there; it is damaged");
    }
    return stack.get(stack.size() - 1);
  }

  private Object pop() throws ModelFileException {
    Object value = top();
    stack.remove(stack.size() - 1);
    return value;
  }

  private Object[] popMark() throws ModelFileException {
    if (marks.isEmpty()) {
      throw bad("its pickle takes more from its stack than it put there; it is damaged");
    }
    List<Object> items = stack.subList(marks.remove(marks.size() - 1), stack.size());
    Object[] array = items.toArray();
    items.clear();
    return array;
  }

  private ModelFileException refused(int opcode) {
    String name =
        switch (opcode) {
          case 'o' -> "OBJ, which builds an object";
          case 0x81 -> "NEWOBJ, which builds an object";
          case 0x92 -> "NEWOBJ_EX, which builds an object";
          case 'P' -> "PERSID, which names an object outside the file";
          case 0x82, 0x83, 0x84 -> "EXT, which names a registered class";
          case 0x8f, 0x90, 0x91 -> "for sets";
          case 'B', 'C', 0x8e, 0x96, 0x97, 0x98 -> "for bytes";
          case 'I', 'L', 'F', 'S', 'V', 'p', 'g' -> "of protocol 0";
          default -> "unknown to pickle";
        };
    return bad(
        "its pickle has the opcode 0x%02x at byte %d (%s), which no checkpoint of weights needs; nothing was run, save the model's state_dict alone"
            .formatted(opcode, in.position() - 1, name));
  }

  private ModelFileException bad(String what) {
    return new ModelFileException(file, what);
  }
}
