"""Optimizers over dictionaries of tensors, in place, with rates and step number on the device."""

import torch


def is_block_matrix(name, tensor):
    """Whether Muon moves it: the weight matrix of a block."""
    return tensor.ndim == 2 and "_level.layers." in name


class Adam:
    """AdamATan2 (imoneoi/adam-atan2) or AdamW: two moments a tensor."""

    def __init__(self, params, atan2, weight_decay, beta1, beta2, rate):
        self.params = params
        self.atan2 = atan2
        self.weight_decay = weight_decay
        self.betas = beta1, beta2
        self.rate = rate  # index of its learning rate
        self.state = {f"m/{n}": torch.zeros_like(p) for n, p in params.items()}
        self.state.update({f"v/{n}": torch.zeros_like(p) for n, p in params.items()})

    def step(self, grads, rates, t):
        """One update; t (float64 scalar on the device) counts from 1."""
        b1, b2 = self.betas
        lr = rates[self.rate]
        keep = (1 - lr * self.weight_decay).float()
        rate = (lr / (1 - b1**t)).float()
        correction = torch.sqrt(1 - b2**t).float()
        for name, p in self.params.items():
            g = grads[name]
            m, v = self.state[f"m/{name}"], self.state[f"v/{name}"]
            m.lerp_(g, 1 - b1)
            v.lerp_(g * g, 1 - b2)
            root = v.sqrt() / correction
            turn = torch.atan2(m, root) if self.atan2 else m / (root + 1e-8)
            p.copy_(p * keep - rate * turn)


class Muon:
    """Nesterov momentum made nearly orthogonal by five Newton-Schulz steps
    (kellerjordan.github.io/posts/muon), times sqrt(max(1, rows / columns))."""

    STEPS = 5
    A, B, C = 3.4445, -4.7750, 2.0315

    def __init__(self, params, weight_decay, momentum):
        self.params = params
        self.weight_decay = weight_decay
        self.momentum = momentum
        self.state = {f"m/{n}": torch.zeros_like(p) for n, p in params.items()}

    def step(self, grads, rates, t):
        beta = self.momentum
        lr = rates[0]
        keep = (1 - lr * self.weight_decay).float()
        for name, p in self.params.items():
            m = self.state[f"m/{name}"]
            m.lerp_(grads[name], 1 - beta)
            x = self.orthogonalised(grads[name].lerp(m, beta))
            shape = max(1, p.shape[0] / p.shape[1]) ** 0.5
            p.copy_(p * keep - (lr * shape).float() * x)

    @classmethod
    def orthogonalised(cls, g):
        """About U Vt of g = U S Vt."""
        tall = g.shape[0] > g.shape[1]
        x = g.t() if tall else g
        x = x / (x.norm() + 1e-7)
        for _ in range(cls.STEPS):
            gram = x @ x.t()
            x = cls.A * x + (cls.B * gram + cls.C * (gram @ gram)) @ x
        return x.t() if tall else x


def optimizers(train, params):
    """What moves which parameter, as train.optimizer says."""
    t = train
    if t.optimizer != "muon":
        return [Adam(params, t.optimizer == "adam-atan2", t.weight_decay, t.beta1, t.beta2, 0)]
    matrices = {n: p for n, p in params.items() if is_block_matrix(n, p)}
    rest = {n: p for n, p in params.items() if n not in matrices}
    return [
        Muon(matrices, t.weight_decay, t.momentum),
        Adam(rest, False, t.adam_weight_decay, t.beta1, t.beta2, 1),
    ]


def sign_sgd(table, ids, grads, lr, weight_decay):
    """The puzzle embedding's rule: rows of the batch move by the sign of their summed gradient.

    table (ids, ndim), ids (B), grads (B, ndim)
    """
    total = torch.zeros_like(table).index_add_(0, ids, grads)
    met = torch.zeros_like(table[:, :1]).index_fill_(0, ids, 1)
    moved = table * (1 - lr * weight_decay).float() - lr.float() * total.sign()
    table.copy_(torch.where(met > 0, moved, table))
