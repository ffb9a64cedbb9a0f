package hrm.cluster.models;

import hrm.cluster.cli.CommandException;
import hrm.cluster.cli.ModelArgument;
import hrm.cluster.cli.OutFile;
import hrm.cluster.settings.DeviceOptions;
import hrm.model.Backend;
import hrm.model.Carry;
import hrm.model.HiddenState;
import hrm.model.HighLevel;
import hrm.model.Hrm;
import hrm.model.HrmConfig;
import hrm.model.LowLevel;
import hrm.model.Model;
import hrm.model.io.HostTensor;
import hrm.model.io.ModelFileException;
import hrm.model.io.SafeTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code hrm dump}: runs segments on given inputs and writes every state, to compare elsewhere. */
@Command(
    name = "dump",
    mixinStandardHelpOptions = true,
    description = {
      "Write z_H, z_L, logits and q values after every segment, for comparison with PyTorch.",
      "The inputs file holds I32 'inputs' [B,seq_len] and 'puzzle_identifiers' [B]."
    },
    footer = {
      "",
      "Example: hrm dump --weights my-model --inputs in.safetensors --segments 4"
          + " --out out.safetensors"
    })
public final class DumpCommand implements Callable<Integer> {
  @Mixin ModelArgument argument;

  @Option(names = "--inputs", required = true, description = "A safetensors file.")
  Path inputs;

  @Option(
      names = "--segments",
      defaultValue = "1",
      description = "How many to run (default: ${DEFAULT-VALUE}).")
  int segments;

  @Option(names = "--out", required = true, description = "The safetensors file to write.")
  Path out;

  @Mixin DeviceOptions device;

  @Override
  public Integer call() throws IOException {
    if (segments < 1) {
      throw CommandException.wrongInput("--segments %d: must be 1 or more".formatted(segments));
    }
    device.settings();
    Model model = argument.load();
    HrmConfig c = model.config();
    if (!Files.isRegularFile(inputs)) {
      throw CommandException.wrongInput(
          "--inputs %s: there is no such file; give a safetensors file with inputs and puzzle_identifiers"
              .formatted(inputs));
    }
    OutFile.check("--out", out);
    Map<String, HostTensor> in = SafeTensors.read(inputs);
    HostTensor tokens = tensor(in, "inputs");
    HostTensor ids = tensor(in, "puzzle_identifiers");
    int batch = ids.size();
    if (tokens.shape().length != 2
        || tokens.shape()[0] != batch
        || tokens.shape()[1] != c.seqLen()) {
      throw new ModelFileException(
          "%s: inputs has shape %s; with %d puzzle_identifiers and seq_len %d it must be [%d, %d]"
              .formatted(
                  inputs, Arrays.toString(tokens.shape()), batch, c.seqLen(), batch, c.seqLen()));
    }
    int[][] rows = new int[batch][];
    for (int b = 0; b < batch; b++) {
      rows[b] = Arrays.copyOfRange(tokens.ints(), b * c.seqLen(), (b + 1) * c.seqLen());
      check("inputs", b, rows[b], c.vocabSize());
    }
    check("puzzle_identifiers", 0, ids.ints(), c.numPuzzleIdentifiers());
    SafeTensors.write(out, run(model, rows, ids.ints()), Map.of("model_sha256", model.sha256()));
    return 0;
  }

  private HostTensor tensor(Map<String, HostTensor> in, String name) throws ModelFileException {
    HostTensor tensor = in.get(name);
    if (tensor == null) {
      throw new ModelFileException(
          "%s has no tensor '%s'; it holds %s".formatted(inputs, name, in.keySet()));
    }
    return tensor;
  }

  private void check(String name, int row, int[] values, int bound) throws ModelFileException {
    for (int i = 0; i < values.length; i++) {
      if (values[i] < 0 || values[i] >= bound) {
        throw new ModelFileException(
            "%s: %s row %d, position %d is %d; the config allows 0 to %d"
                .formatted(inputs, name, row, i, values[i], bound - 1));
      }
    }
  }

  private Map<String, HostTensor> run(Model model, int[][] rows, int[] ids) {
    HrmConfig c = model.config();
    int batch = rows.length;
    Map<String, HostTensor> result = new LinkedHashMap<>();
    Backend backend = device.open();
    try (HighLevel high = model.highLevel(backend);
        LowLevel low = model.lowLevel(backend)) {
      Hrm hrm = new Hrm(high, low, c);
      int[] fresh = new int[batch];
      Arrays.fill(fresh, -1);
      Carry carry = high.seat(null, fresh);
      HiddenState embedded = high.embed(rows, ids);
      for (int s = 0; s < segments; s++) {
        Hrm.Segment segment = hrm.segment(carry, embedded);
        carry = segment.carry();
        result.put("seg" + s + ".z_H", host(carry.zH()));
        result.put("seg" + s + ".z_L", host(carry.zL()));
        result.put(
            "seg" + s + ".logits",
            HostTensor.of(segment.heads().logits(), batch, c.seqLen(), c.vocabSize()));
        result.put("seg" + s + ".q_halt", HostTensor.of(segment.heads().qHalt(), batch));
        result.put("seg" + s + ".q_continue", HostTensor.of(segment.heads().qContinue(), batch));
      }
    }
    return result;
  }

  private static HostTensor host(HiddenState z) {
    float[] values = new float[z.batch() * z.sequence() * z.hidden()];
    z.read(values);
    return HostTensor.of(values, z.batch(), z.sequence(), z.hidden());
  }
}
