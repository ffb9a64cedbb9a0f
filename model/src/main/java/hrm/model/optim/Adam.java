package hrm.model.optim;

import hrm.model.Block;
import hrm.model.Kernels;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Adam's two moments a parameter, and its step in one of two forms. */
final class Adam implements Optimizer {
  enum Form {
    ATAN2,
    W
  }

  private final Form form;
  private final double weightDecay;
  private final Options o;
  private final List<Parameter> parameters;
  private final Kernels k;
  private final Map<String, Block> moments = new LinkedHashMap<>();

  Adam(Form form, double weightDecay, Options o, List<Parameter> parameters, Kernels k) {
    this.form = form;
    this.weightDecay = weightDecay;
    this.o = o;
    this.parameters = parameters;
    this.k = k;
    for (Parameter p : parameters) {
      moments.put("m/" + p.name(), k.allocate(p.size()));
      moments.put("v/" + p.name(), k.allocate(p.size()));
    }
  }

  @Override
  public void step(Rates rates, int t) {
    step(rates.lr(), t);
  }

  void step(double lr, int t) {
    Kernels.AdamStep step =
        new Kernels.AdamStep(
            (float) lr, (float) weightDecay, (float) o.beta1(), (float) o.beta2(), t);
    for (Parameter p : parameters) {
      Block m = moments.get("m/" + p.name());
      Block v = moments.get("v/" + p.name());
      if (form == Form.ATAN2) {
        k.adamATan2(p.value(), p.gradient(), m, v, p.size(), step, 1f);
      } else {
        k.adamW(p.value(), p.gradient(), m, v, p.size(), step);
      }
    }
  }

  @Override
  public Map<String, Block> state() {
    return moments;
  }
}
