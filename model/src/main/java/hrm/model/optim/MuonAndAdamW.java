package hrm.model.optim;

import hrm.model.Block;
import hrm.model.Kernels;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Muon where there are matrices between hidden states, AdamW for embeddings, heads and biases. */
final class MuonAndAdamW implements Optimizer {
  private final Muon muon;
  private final Adam adam;

  MuonAndAdamW(Options o, List<Parameter> parameters, Kernels k) {
    this.muon = new Muon(o, parameters.stream().filter(Parameter::isBlockMatrix).toList(), k);
    this.adam =
        new Adam(
            Adam.Form.W,
            o.restWeightDecay(),
            o,
            parameters.stream().filter(p -> !p.isBlockMatrix()).toList(),
            k);
  }

  @Override
  public void step(Rates rates, int t) {
    muon.step(rates, t);
    adam.step(rates.rest(), t);
  }

  @Override
  public Map<String, Block> state() {
    Map<String, Block> all = new LinkedHashMap<>(muon.state());
    all.putAll(adam.state());
    return all;
  }
}
