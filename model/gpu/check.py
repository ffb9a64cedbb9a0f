#!/usr/bin/env python3
"""Compares the trainer with the golden values of the published code, in float32.

    python3 check.py [--device cpu|cuda] [--fixtures DIR]

Forward passes, losses, gradients and optimizer steps at the tolerances of the Java tests; Muon
against Newton-Schulz in double; augmentation by the rules of the puzzle. Ends with status 1 and the
name of what differs.
"""

import argparse
import json
import os
import sys

import numpy as np
import torch

from data import BOXES, IGNORED, Source, Symmetries
from files import decode, encode, read
from learner import Learner
from loss import cross_entropy
from network import Network, random_weights
from optim import Adam, Muon
from settings import Arch, Settings

HERE = os.path.dirname(os.path.abspath(__file__))
FIXTURES = os.path.join(HERE, "..", "src", "test", "resources", "fixtures")


class Checks:
    def __init__(self, fixtures, device):
        self.fixtures, self.device = fixtures, device
        self.failed, self.count = [], 0

    def tensors(self, name):
        return read(os.path.join(self.fixtures, name + ".safetensors"))

    def json(self, name):
        with open(os.path.join(self.fixtures, name + ".json"), encoding="utf-8") as file:
            return json.load(file)

    def close(self, what, golden, ours, tolerance):
        golden = torch.as_tensor(golden).double().cpu()
        ours = torch.as_tensor(ours).detach().double().cpu()
        self.count += 1
        worst = (golden - ours).abs().max().item() if golden.shape == ours.shape else float("inf")
        if not worst <= tolerance:  # NaN fails
            self.failed.append(f"{what}: differs by {worst:.3g}, allowed {tolerance:.3g}")

    def true(self, what, ok):
        self.count += 1
        if not ok:
            self.failed.append(what)


def recipe(manifest):
    """The weights "hrmrand-1", bit for bit."""
    weights = {}
    for name, entry in manifest["tensors"].items():
        h = 0xCBF29CE484222325
        for byte in (manifest["salt"] + name).encode():
            h = ((h ^ byte) * 0x100000001B3) % 2**64
        i = np.arange(1, int(np.prod(entry["shape"])) + 1, dtype=np.uint64)
        with np.errstate(over="ignore"):
            z = np.uint64(h) + i * np.uint64(0x9E3779B97F4A7C15)
            z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            z ^= z >> np.uint64(31)
        if entry["kind"] == "coarse":
            values = ((z >> np.uint64(56)).astype(np.int64) - 128).astype(np.float32) / 64
        else:
            scale = np.array([int(entry["scale_f32_bits"], 16)], np.uint32).view(np.float32)[0]
            values = ((z >> np.uint64(40)).astype(np.int64) - 2**23).astype(np.float32) * scale
        weights[name] = torch.from_numpy(values.reshape(entry["shape"]))
    return weights


class Given:
    """Source and exploration of a golden run."""

    def __init__(self, batches, draws, device):
        self.batches, self.draws, self.device = batches, draws, device
        self.batch = self.explored = 0

    def draw(self, rows=None, step=None):
        if rows is None:
            self.explored += 1
            uniform, minimum = self.draws[self.explored - 1]
            as_float = torch.tensor(uniform, dtype=torch.float32)
            return as_float.to(self.device), torch.tensor(minimum).to(self.device)
        self.batch += 1
        return [x.to(self.device) for x in self.batches[self.batch - 1]]


def batch_of(tensors, prefix=""):
    keys = ("inputs", "labels", "puzzle_identifiers")
    return [tensors[f"{prefix}batch.{key}"].long() for key in keys]


def learner_of(c, arch, weights, rates, **train):
    keys = dict(batch=4, ema=0, steps=len(rates) - 1, **train)
    settings = Settings(json.dumps({"arch": arch, "train": keys}))
    learner = Learner(settings, weights, c.device)
    learner.schedule = torch.tensor(rates, dtype=torch.float64, device=c.device)
    learner.keep_seen = True
    return learner


def forward(c, manifest, file, tolerances, stride=1):
    """Segments from a fresh carry."""
    m, golden = c.json(manifest), c.tensors(file)
    arch = Arch(m["config"])
    weights = {n: w.to(c.device) for n, w in recipe(m).items()}
    net = Network(arch, c.device, torch.float32)
    has = "batch.inputs" in golden
    inputs, _, ids = batch_of(golden if has else c.tensors("tiny_eval"))
    inputs, ids = inputs.to(c.device), ids.to(c.device)
    with torch.no_grad():
        emb = net.embed(weights, inputs, weights["puzzle_emb.weights"][ids])
        z_h = weights["H_init"].expand_as(emb)
        z_l = weights["L_init"].expand_as(emb)
        for s, tolerance in enumerate(tolerances):
            z_h, z_l = net.segment(weights, z_h, z_l, emb, arch.H_cycles, arch.L_cycles)
            logits, q_halt, _ = net.heads(weights, z_h)
            suffix = "" if stride == 1 else f"_stride{stride}"
            for key, value in (("z_H", z_h), ("z_L", z_l)):
                value = value if stride == 1 else value.reshape(-1)[::stride]
                c.close(f"{file} seg{s}.{key}", golden[f"seg{s}.{key}{suffix}"], value, tolerance)
            c.close(f"{file} seg{s}.logits", golden[f"seg{s}.logits"], logits, tolerance)
            c.close(f"{file} seg{s}.q_halt", golden[f"seg{s}.q_halt"], q_halt, tolerance)


def hrm_training(c):
    """Four steps: losses, carry, heads, halting with exploration; gradients, parameters after 1."""
    m, log, golden = c.json("tiny_recipe"), c.json("tiny_train_log"), c.tensors("tiny_train")
    sampled = c.tensors("tiny_train_step1_sampled")
    h, steps = log["hyper"], log["steps"]
    rates = [[0, 0, 0]] + [[s["lr"], s["lr"], s["lr_puzzle"]] for s in steps]
    learner = learner_of(
        c, m["config"], recipe(m), rates, gradient="one-step", weight_decay=h["weight_decay"],
        puzzle_emb_weight_decay=h["puzzle_emb_weight_decay"], beta1=h["beta1"], beta2=h["beta2"],
    )  # fmt: skip
    draws = [(s["explore_rand"], s["explore_randint"]) for s in steps]
    given = Given([batch_of(golden, f"step{k}.") for k in range(1, 5)], draws, c.device)
    for k, step in enumerate(steps, 1):
        learner.step(given, given, learner.arch.H_cycles, learner.arch.L_cycles)
        seen, at = learner.seen, f"tiny_train step{k}."
        c.close(at + "loss", step["loss"], seen["total"], 1e-4)
        for key, value in (
            ("z_H", learner.z_h),
            ("z_L", learner.z_l),
            ("logits", seen["logits"]),
            ("q_halt_logits", seen["q_halt"]),
            ("q_continue_logits", seen["q_continue"]),
            ("target_q_continue", seen["target"]),
        ):
            c.close(at + key, golden[f"step{k}.{key}"], value, 1e-4)
        c.true(at + "halted", learner.halted.tolist() == step["halted"])
        c.true(at + "steps", learner.steps.tolist() == step["steps"])
        if k == 1:
            for key, value in sampled.items():
                kind, name = key.split(".", 1)
                ours = seen["grads"][name] if kind == "grad" else learner.weights(False)[name]
                ours = ours.reshape(-1)[::13] if ours.numel() > 4096 else ours
                c.close(key, value.reshape(-1), ours.reshape(-1), 2e-6 if kind == "grad" else 2e-7)


def norms(c, what, golden, seen, tolerance, sums=None):
    for name, norm in golden.items():
        g = seen["grads"][name].double()
        c.close(f"{what} |grad {name}|", norm, g.norm(), tolerance * (1 + norm))
        if sums:
            c.close(f"{what} sum grad {name}", sums[name], g.sum(), 1e-4 * (1 + norm))


def softmax_training(c):
    m, log, golden = c.json("tiny_recipe"), c.json("tiny_train_log"), c.tensors("tiny_train")
    softmax, step = c.json("tiny_train_softmax_step1"), log["steps"][0]
    learner = learner_of(
        c, m["config"], recipe(m), [[0] * 3, [1e-4] * 3], gradient="one-step", loss="softmax"
    )
    draws = [(step["explore_rand"], step["explore_randint"])]
    given = Given([batch_of(golden, "step1.")], draws, c.device)
    learner.step(given, given, learner.arch.H_cycles, learner.arch.L_cycles)
    c.close("softmax loss", softmax["loss"], learner.seen["total"], 1e-5)
    norms(c, "softmax", softmax["grad_norm"], learner.seen, 1e-5)


def trm_training(c, variant):
    m = c.json(f"trm_tiny_{variant}")
    learner = learner_of(c, m["config"], recipe(m), [[0] * 3, [1e-4] * 3])
    given = Given([batch_of(c.tensors("tiny_eval"))], [([1.0] * 4, [2] * 4)], c.device)
    learner.step(given, given, learner.arch.H_cycles, learner.arch.L_cycles)
    c.close(f"trm {variant} loss", m["loss"], learner.seen["total"], 1e-4)
    norms(c, f"trm {variant}", m["grad_norm"], learner.seen, 2e-5, m["grad_sum"])


def units(c):
    """AdamATan2 over five steps, its zero-gradient case, and both losses with their gradients."""
    u = c.tensors("units_optim_loss")
    for what, start, grads, after in (
        ("adam", "adam.p0", [f"adam.g{i}" for i in range(1, 6)], "adam.p%d"),
        ("adam zero", None, [None], "adam.zero_grad_case_p1"),
    ):
        p = (u[start] if start else torch.zeros(3)).float().to(c.device)
        adam = Adam({"p": p}, True, 0.5, 0.9, 0.95, 0)
        for t, key in enumerate(grads, 1):
            g = (u[key] if key else torch.tensor([0, 1e-30, -3])).to(c.device)
            rates = torch.tensor([1e-2], dtype=torch.float64, device=c.device)
            adam.step({"p": g}, rates, torch.tensor(t, dtype=torch.float64, device=c.device))
            golden = u[after % t if "%" in after else after]
            c.close(f"{what} step {t}", golden, p, 1e-6)
    labels = u["loss.labels"].long().to(c.device)
    for kind in ("stablemax", "softmax"):
        logits = u["loss.logits"].to(c.device).requires_grad_()
        cells = cross_entropy(logits, labels, kind, 0)
        (grad,) = torch.autograd.grad(cells.sum(), logits)
        c.close(f"{kind} cells", u[f"loss.{kind}"], cells, 1e-5)
        c.close(f"{kind} gradient", u[f"loss.{kind}_grad"], grad, 1e-6)
    logits = u["loss.logits"].double().to(c.device)
    plain = torch.nn.functional.cross_entropy(
        logits.flatten(0, 1), labels.flatten(), label_smoothing=0.2, ignore_index=IGNORED,
        reduction="none",
    )  # fmt: skip
    ours = cross_entropy(logits, labels, "softmax", 0.2).flatten()
    c.close("softmax with label smoothing", plain, ours, 1e-12)


def muon(c):
    """Three steps of a wide and a tall matrix against numpy in double."""
    rng = np.random.default_rng(1)
    for rows, columns in ((3, 7), (16, 16), (96, 24)):
        start = rng.standard_normal((rows, columns))
        p = torch.tensor(start, dtype=torch.float32, device=c.device)
        optimizer = Muon({"p": p}, 0.5, 0.9)
        x, m = start.copy(), np.zeros_like(start)
        for t in range(1, 4):
            g = rng.standard_normal((rows, columns))
            m = 0.9 * m + g  # momentum as first published: its scale falls out of the norm
            turn = g + 0.9 * m
            turn = turn / np.linalg.norm(turn)
            for _ in range(5):
                gram = turn @ turn.T
                turn = 3.4445 * turn - 4.7750 * gram @ turn + 2.0315 * gram @ gram @ turn
            x = x * (1 - 0.1 * 0.5) - 0.1 * max(1, rows / columns) ** 0.5 * turn
            grads = {"p": torch.tensor(g, dtype=torch.float32, device=c.device)}
            rates = torch.tensor([0.1], dtype=torch.float64, device=c.device)
            optimizer.step(grads, rates, t)
            c.close(f"muon {rows}x{columns} step {t}", x, p, 1e-4)


def grid(box, rows=64):
    """A solved Sudoku with holes, many times."""
    box_rows, box_columns = box
    n = box_rows * box_columns
    r, column = np.divmod(np.arange(n * n), n)
    digits = (box_columns * (r % box_rows) + r // box_rows + column) % n
    labels = torch.from_numpy(digits + 2).expand(rows, -1).contiguous()
    blank = torch.rand(rows, n * n) < 0.6
    return torch.where(blank, torch.ones_like(labels), labels), labels


def augmentation(c):
    for kind, box in BOXES.items():
        n = box[0] * box[1]
        torch.manual_seed(3)
        inputs, labels = (x.to(c.device) for x in grid(box))
        arch = Arch(dict(puzzle=kind, seq_len=n * n, vocab_size=n + 2))
        new, solution = Symmetries(arch, c.device)(inputs, labels)
        cells = solution.view(-1, n, n).cpu()
        boxes = cells.view(-1, n // box[0], box[0], n // box[1], box[1]).transpose(2, 3)
        boxes = boxes.reshape(-1, n, n)
        all_digits = torch.arange(2, n + 2)
        for what, units_of in (("rows", cells), ("columns", cells.mT), ("boxes", boxes)):
            c.true(f"{kind} {what}", bool((units_of.sort(-1)[0] == all_digits).all()))
        c.true(f"{kind} clues are the solution's", bool(((new == solution) | (new == 1)).all()))
        same = (new == 1).sum(1) == (inputs == 1).sum(1)
        c.true(f"{kind} keeps the number of clues", bool(same.all()))
        c.true(f"{kind} draws differ", len({tuple(row) for row in solution.tolist()}) > 50)
    arch = Arch(dict(puzzle="maze-4x4", seq_len=16, vocab_size=6))
    cells = torch.arange(16, device=c.device).expand(64, -1)
    new, _ = Symmetries(arch, c.device)(cells, cells)
    c.true("maze has 8 symmetries", len({tuple(row) for row in new.tolist()}) == 8)
    steps = abs(new.view(-1, 4, 4).diff(dim=1).cpu())
    c.true("maze keeps neighbours", set(steps.unique().tolist()) <= {1, 4})
    settings = Settings(json.dumps({
        "arch": dict(puzzle="sudoku-4x4", seq_len=16, vocab_size=6),
        "train": dict(extra_clues=6, extra_clues_until=10, augment=False),
    }))  # fmt: skip
    inputs, labels = grid(BOXES["sudoku-4x4"])
    inputs[:] = 1
    source = Source(settings, (inputs, labels, labels[:, 0]), c.device)
    for step, most in ((1, 5), (8, 1), (10, 0)):
        got, solution, _ = source.draw(512, torch.tensor([step], device=c.device))
        shown = (got != 1).sum(1)
        right = bool(((got == solution) | (got == 1)).all())
        c.true(f"extra clues at step {step}", right and shown.max().item() == most)


def working_precision(c):
    """Gradients of a step in bfloat16, and on a GPU of a compiled one, against float32."""
    arch = dict(
        puzzle="sudoku-9x9", H_layers=0, L_layers=2, H_cycles=2, L_cycles=2, pos_encodings="none",
        mlp_t=True, puzzle_emb_ndim=0, no_ACT_continue=True, swiglu_norm=True,
    )  # fmt: skip
    attention = dict(arch, mlp_t=False, pos_encodings="rope", puzzle_emb_ndim=-1)
    for name, keys in (("mixer", arch), ("attention", attention)):
        reference = gradients(c, keys, torch.float32, None)
        for way in ("eager", "compiled") if c.device.type == "cuda" else ("eager",):
            compiler = (lambda f: torch.compile(f, dynamic=False)) if way == "compiled" else None
            try:
                error = (gradients(c, keys, torch.bfloat16, compiler) - reference).norm()
            except Exception as e:  # noqa: BLE001 - train.py goes on without a compiler
                print(f"{name} {way} does not work here: {e}", file=sys.stderr)
                continue
            error = (error / reference.norm()).item()
            said = f"{name} bfloat16 {way}: gradients off by {error:.2g} of their norm, 0.1 allowed"
            print(said, file=sys.stderr)
            c.true(said, error <= 0.1)


def gradients(c, keys, dtype, compiler):
    """Of one step with fixed weights and puzzles, as one vector."""
    torch.manual_seed(5)
    inputs, labels = (x[:4] for x in grid(BOXES["sudoku-9x9"]))
    train = dict(batch=4, loss="softmax", label_smoothing=0.2, optimizer="muon")
    settings = Settings(json.dumps({"arch": keys, "train": train}))
    weights = random_weights(settings.arch, 1)
    learner = Learner(settings, weights, c.device, dtype, compiler)
    learner.plan()
    learner.keep_seen = True
    batch = [inputs, labels, torch.zeros(4, dtype=torch.long)]
    given = Given([batch], [([1.0] * 4, [2] * 4)], c.device)
    learner.step(given, given, 2, 2)
    names = sorted(learner.params)
    return torch.cat([learner.seen["grads"][name].flatten() for name in names])


def storage(c):
    arch = Arch(dict(hidden_size=64, num_heads=2, seq_len=16, vocab_size=6))
    weights = random_weights(arch, 1)
    back, metadata = decode(encode(weights, {"step": "7"}))
    same = all(torch.equal(w, back[n]) for n, w in weights.items())
    c.true("safetensors round trip", same and metadata == {"step": "7"})
    std = weights["L_level.layers.0.mlp.down_proj.weight"].std().item() * 256**0.5
    c.true(f"initial weights have deviation 1/sqrt(fan-in), not {std:.3f} of it", 0.97 < std < 1.03)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--fixtures", default=FIXTURES)
    args = parser.parse_args()
    torch.set_float32_matmul_precision("highest")
    c = Checks(args.fixtures, torch.device(args.device))
    for name, check in {
        "tiny eval": lambda: forward(c, "tiny_recipe", "tiny_eval", [5e-5] * 4),
        "full eval": lambda: forward(c, "full_recipe", "full_eval", [3e-5, 1e-4, 3e-4, 1e-3], 61),
        # The golden float32 itself is 3.4e-5 and 8.8e-4 from a float64 run after segments 0 and 1.
        "mixer eval": lambda: forward(c, "trm_tiny_mlp", "trm_tiny_mlp_eval", [1e-4, 2e-3]),
        "attention eval": lambda: forward(c, "trm_tiny_att", "trm_tiny_att_eval", [5e-5] * 2),
        "tiny training": lambda: hrm_training(c),
        "softmax training": lambda: softmax_training(c),
        "attention training": lambda: trm_training(c, "att"),
        "mixer training": lambda: trm_training(c, "mlp"),
        "units": lambda: units(c),
        "muon": lambda: muon(c),
        "augmentation": lambda: augmentation(c),
        "storage": lambda: storage(c),
        "working precision": lambda: working_precision(c),
    }.items():
        try:
            check()
        except Exception as e:  # noqa: BLE001 - named, and the other checks still run
            c.true(f"{name} broke: {e}", False)
    for line in c.failed:
        print(f"check.py: {line}", file=sys.stderr)
    print(f"check.py on {args.device}: {c.count - len(c.failed)} of {c.count} comparisons hold")
    return 1 if c.failed else 0


if __name__ == "__main__":
    sys.exit(main())
