"""One model being trained: the published step, whole on the device and free of waits for the host.

Deep supervision over a carry: a row that has halted takes the next puzzle and a fresh state at the
start of the next step; all buffers stay where they are, so a step can be captured as a CUDA graph.
"""

import torch

from loss import losses
from network import Network
from optim import optimizers, sign_sgd

METRICS = (
    "loss lm q_halt q_continue cells correct ended exact q_correct segments".split()
)  # sums since they were last read


class Exploration:
    """The draws that make a row think on: u in [0, 1), and a minimum of segments."""

    def __init__(self, settings, device):
        self.rows = settings.train.batch
        self.most = max(3, settings.max_segments() + 1)
        self.device = device

    def draw(self):
        uniform = torch.rand(self.rows, device=self.device)
        return uniform, torch.randint(2, self.most, (self.rows,), device=self.device)


class Learner:
    def __init__(self, settings, weights, device, dtype=torch.float32, compiler=None):
        a, t = settings.arch, settings.train
        self.settings = settings
        self.arch, self.train = a, t
        self.device, self.dtype = device, dtype
        self.net = Network(a, device, dtype, compiler)
        w = {name: weights[name].to(device).float().clone() for name in a.shapes()}
        self.table = w.pop("puzzle_emb.weights", None)
        self.init = {name: w.pop(name) for name in ("H_init", "L_init")}
        self.params = {name: p.requires_grad_() for name, p in w.items()}
        self.ema = {name: p.detach().clone() for name, p in w.items()} if t.ema > 0 else None
        self.optimizers = optimizers(t, {n: p.detach() for n, p in self.params.items()})
        b = t.batch
        state = (b, a.sequence, a.hidden_size)
        self.z_h = torch.zeros(state, device=device, dtype=dtype)
        self.z_l = torch.zeros(state, device=device, dtype=dtype)
        self.inputs = torch.zeros(b, a.seq_len, device=device, dtype=torch.long)
        self.labels = torch.zeros(b, a.seq_len, device=device, dtype=torch.long)
        self.ids = torch.zeros(b, device=device, dtype=torch.long)
        self.steps = torch.zeros(b, device=device, dtype=torch.long)
        self.halted = torch.ones(b, device=device, dtype=torch.bool)
        self.t = torch.zeros(1, device=device, dtype=torch.long)
        self.sums = torch.zeros(len(METRICS), device=device, dtype=torch.float64)
        self.schedule = None
        self.seen = {}  # of the last step; for checks
        self.keep_seen = False

    def plan(self):
        """Puts the learning rates of all steps on the device."""
        rates = [self.settings.rates(step) for step in range(self.train.steps + 1)]
        self.schedule = torch.tensor(rates, dtype=torch.float64, device=self.device)

    def step(self, source, exploration, h_cycles, l_cycles):
        """One segment of every row, its loss, the backward pass, one update."""
        with torch.no_grad():
            self.t += 1
            now = self.t.clamp(max=len(self.schedule) - 1)
            rates = self.schedule.index_select(0, now)[0]
            self._refill(source)
        puzzle = None
        leaves = list(self.params.values())
        if self.table is not None:
            puzzle = self.table[self.ids].requires_grad_()
            leaves.append(puzzle)
        taped = l_cycles if self.train.gradient == "last-cycle" else 1
        emb = self.net.embed(self.params, self.inputs, puzzle)
        z = self.net.segment(self.params, self.z_h, self.z_l, emb, h_cycles, l_cycles, taped)
        logits, q_halt, q_continue = self.net.heads(self.params, z[0])
        with torch.no_grad():
            self.z_h.copy_(z[0])
            self.z_l.copy_(z[1])
            self._halt(exploration, q_halt, q_continue)
            target = self._target(emb.detach(), h_cycles, l_cycles)
        found = losses(
            logits, q_halt, q_continue, self.labels, target, self.train.loss,
            self.train.label_smoothing,
        )  # fmt: skip
        grads = torch.autograd.grad(found["total"] / self.train.batch, leaves)
        with torch.no_grad():
            self._update(dict(zip(self.params, grads)), rates, grads[-1])
            self._count(found, q_halt)
        if self.keep_seen:
            self.seen = dict(found, logits=logits, q_halt=q_halt, q_continue=q_continue)
            self.seen.update(target=target, grads=dict(zip(self.params, grads)))
            self.seen["grads"]["puzzle_emb.local_weights"] = grads[-1]

    def _refill(self, source):
        inputs, labels, ids = source.draw(self.train.batch, self.t)
        fresh = self.halted[:, None]
        self.inputs.copy_(torch.where(fresh, inputs, self.inputs))
        self.labels.copy_(torch.where(fresh, labels, self.labels))
        self.ids.copy_(torch.where(self.halted, ids, self.ids))
        self.steps.masked_fill_(self.halted, 0)
        for z, name in ((self.z_h, "H_init"), (self.z_l, "L_init")):
            if self.train.random_states:
                start = torch.randn_like(z)
            else:
                start = self.init[name].to(z.dtype).expand_as(z)
            z.copy_(torch.where(fresh[..., None], start, z))
            if self.train.noise > 0:
                z.add_(torch.randn_like(z), alpha=self.train.noise)

    def _halt(self, exploration, q_halt, q_continue):
        most = self.settings.max_segments()
        uniform, minimum = exploration.draw()
        self.steps += 1
        stop = (self.steps >= most) | self.net.halts(q_halt, q_continue)
        minimum = torch.where(uniform < self.arch.halt_exploration_prob, minimum, 0)
        self.halted.copy_((stop & (self.steps >= minimum)) | (most == 1))

    def _target(self, emb, h_cycles, l_cycles):
        """sigmoid of what one more segment from the new carry says; None without that head."""
        if self.arch.no_ACT_continue:
            return None
        z_h, _ = self.net.segment(self.params, self.z_h, self.z_l, emb, h_cycles, l_cycles)
        _, q_halt, q_continue = self.net.heads(self.params, z_h)
        last = self.steps >= self.settings.max_segments()
        return torch.sigmoid(torch.where(last, q_halt, torch.maximum(q_halt, q_continue)))

    def _update(self, grads, rates, puzzle):
        t = self.t[0].double()
        for optimizer in self.optimizers:
            optimizer.step(grads, rates, t)
        if self.ema is not None:
            for name, average in self.ema.items():
                average.lerp_(self.params[name], 1 - self.train.ema)
        if self.table is not None:
            sign_sgd(self.table, self.ids, puzzle, rates[2], self.train.puzzle_emb_weight_decay)

    def _count(self, found, q_halt):
        ended = self.halted & (found["counted"] > 0)
        q_correct = ended & ((q_halt >= 0) == found["exact"])
        values = [found[k] for k in ("total", "lm", "q_halt", "q_continue", "cells", "correct")]
        values += [ended.sum(), (ended & found["exact"]).sum(), q_correct.sum()]
        values.append((self.steps * ended).sum())
        self.sums += torch.stack([v.detach().double() for v in values])

    def read_metrics(self):
        """Sums since the last call; waits for the device."""
        values = dict(zip(METRICS, self.sums.tolist()))
        self.sums.zero_()
        return values

    def weights(self, averaged=True):
        """By published key, float32; the shadow average where there is one and it is asked for."""
        of = self.ema if averaged and self.ema is not None else self.params
        w = {**self.init, **of}
        if self.table is not None:
            w["puzzle_emb.weights"] = self.table
        return {name: w[name].detach() for name in self.arch.shapes()}

    def snapshot(self):
        """What a later run goes on from: all but the rows, which start over."""
        state = {f"p/{n}": p.detach() for n, p in self.weights(averaged=False).items()}
        state.update({f"ema/{n}": p for n, p in (self.ema or {}).items()})
        for optimizer in self.optimizers:
            state.update(optimizer.state)
        return state

    def restore(self, state, step):
        with torch.no_grad():
            for name, tensor in self.snapshot().items():
                if name in state:
                    tensor.copy_(state[name])
        self.t.fill_(step)
