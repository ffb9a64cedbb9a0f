#!/usr/bin/env python3
"""PyTorch's time of HRM's segments beside the CUDA backend's, which CudaBench measured before.

    python3 bench.py OUT.json [--beside BENCH.json] [--table TABLE.txt] [--seconds 220]

The plain model of network.py in bfloat16: torch.compile, scaled_dot_product_attention, then the
compiled segment as one CUDA graph; the faster of the two counts. A training step likewise: the
learner's, AdamATan2, with the published gradient of the last calls alone. Tokens are CudaBench's;
weights are random in both, since time does not depend on them. Prints a table of both.
"""

import argparse
import json
import os
import statistics
import time

import torch

from engine import Engine
from learner import Exploration, Learner
from network import Network, random_weights
from settings import Arch, Settings

# As CudaBench's: sequence and batch, the most telling first.
ROWS = ((82, 64), (901, 64), (82, 1), (82, 1024), (901, 256),
        (82, 8), (901, 1), (82, 256), (901, 8), (901, 1024))  # fmt: skip
TRAINING = (64, 384)  # batches, at sequence 82


def roof():
    """TFLOP/s of an 8192 cubed product."""
    n = 8192
    a, b = (torch.randn(n, n, device="cuda", dtype=torch.bfloat16) for _ in range(2))
    best = float("inf")
    for _ in range(6):
        torch.cuda.synchronize()
        start = time.perf_counter()
        for _ in range(10):
            a @ b.t()
        torch.cuda.synchronize()
        best = min(best, (time.perf_counter() - start) / 10)
    return 2 * n**3 / best / 1e12


def timed(run, least=0.5, most=200):
    seconds = []
    while len(seconds) < most and (len(seconds) < 5 or sum(seconds) < least):
        start = time.perf_counter()
        run()
        torch.cuda.synchronize()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def row(sequence, batch):
    arch = Arch(dict(seq_len=sequence - 1, vocab_size=11, puzzle_emb_ndim=-1))
    net = Network(arch, "cuda", torch.bfloat16, lambda f: torch.compile(f, dynamic=False))
    w = {name: tensor.cuda() for name, tensor in random_weights(arch, 1).items()}
    b, i = torch.arange(batch)[:, None], torch.arange(arch.seq_len)[None]
    tokens = (1 + (b + i * 7) % (arch.vocab_size - 1)).cuda()
    with torch.no_grad():
        emb = net.embed(w, tokens, torch.zeros(batch, arch.ndim, device="cuda"))
        start = (w["H_init"], w["L_init"])
        z = [x.to(torch.bfloat16).expand(batch, arch.sequence, -1).clone() for x in start]
        # Weights in bfloat16 once, not in every segment: a server would do so.
        prepared = {name: net._prepared(w, name) for name in net.levels}
        net._prepared = lambda _, name: prepared[name]

        def segment():
            h, l = net.segment(w, z[0], z[1], emb, arch.H_cycles, arch.L_cycles)
            z[0].copy_(h)
            z[1].copy_(l)
            return net.heads(w, h)

        for _ in range(3):
            segment()
        torch.cuda.synchronize()
        ways = {"compiled": timed(lambda: [x.cpu() for x in segment()])}
        try:
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph):
                out = segment()

            def replay():
                graph.replay()
                return [x.cpu() for x in out]

            ways["graph"] = timed(replay)
        except RuntimeError as e:
            print(f"no graph: {str(e).splitlines()[0]}")
    best = min(ways, key=ways.get)
    return {
        "sequence": sequence,
        "batch": batch,
        "way": best,
        "ms_per_segment": ways[best] * 1e3,
        "ways_ms": {way: s * 1e3 for way, s in ways.items()},
    }


class Tokens:
    """The rows that CudaBench learns, whole on the device."""

    def __init__(self, arch):
        self.arch = arch

    def draw(self, batch, _):
        b = torch.arange(batch, device="cuda")[:, None]
        i = torch.arange(self.arch.seq_len, device="cuda")[None]
        some = self.arch.vocab_size - 1
        ids = torch.zeros(batch, dtype=torch.long, device="cuda")
        return 1 + (b + i * 7) % some, 1 + (b + i * 3) % some, ids


def training(batch):
    arch = dict(seq_len=81, vocab_size=11, puzzle_emb_ndim=-1, halt_exploration_prob=0)
    train = dict(batch=batch, gradient="one-step", loss="stablemax", ema=0, augment=False)
    settings = Settings(json.dumps({"arch": arch, "train": train}))
    device = torch.device("cuda")
    learner = Learner(settings, random_weights(settings.arch, 1), device, torch.bfloat16)
    learner.plan()
    engine = Engine(learner, Tokens(settings.arch), Exploration(settings, device))
    engine.choose(("compiled", "graph"), settings.depth, 0, 1000)
    depth = settings.depth(1)
    seconds = timed(lambda: engine.step(depth))
    return {"batch": batch, "way": engine.way, "ms_per_step": seconds * 1e3}


def table(ours, theirs):
    peer = {(r["sequence"], r["batch"]): r for r in theirs["rows"]}
    lines = [
        f"roof, bf16 8192 cubed: cublasLt {ours['roof_tflops']:.0f} TFLOP/s,"
        f" PyTorch {theirs['roof_tflops']:.0f}",
        "sequence  batch   ours ms  TFLOP/s   of roof   traced   bits   PyTorch ms    way       ratio",
    ]

    def beside(ms, p, key):
        return f"{p[key]:10.3f}    {p['way']:9} {p[key] / ms:5.2f}x" if key in p else "   not run"

    def failed(name, r):
        return f"{name}   failed: {r['error']}"

    for r in sorted(ours["rows"], key=lambda r: (r["sequence"], r["batch"])):
        name = f"{r['sequence']:8} {r['batch']:6}"
        if "error" in r:
            lines.append(failed(name, r))
            continue
        ms = r["ms_per_segment"]
        p = peer.get((r["sequence"], r["batch"]), {})
        lines.append(
            f"{name} {ms:9.3f} {r['tflops']:8.1f} {r['tflops'] / ours['roof_tflops']:8.0%}"
            f" {r['ms_traced'] / ms - 1:+9.1%}   {'same' if r['same_bits'] else 'other'}"
            f" {beside(ms, p, 'ms_per_segment')}"
        )
    peer = {r["batch"]: r for r in theirs.get("training", [])}
    for r in ours.get("training", []):
        name = f"training {r['batch']:6}"
        if "error" in r:
            lines.append(failed(name, r))
            continue
        ms = r["ms_per_step"]
        lines.append(
            f"{name} {ms:9.3f} {r['tflops']:8.1f} {r['tflops'] / ours['roof_tflops']:8.0%}"
            f" {'':18}{beside(ms, peer.get(r['batch'], {}), 'ms_per_step')}"
        )
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out")
    parser.add_argument("--beside")
    parser.add_argument("--table")
    parser.add_argument("--seconds", type=float, default=220)
    args = parser.parse_args()
    end = time.monotonic() + args.seconds
    found = {"torch": torch.__version__, "roof_tflops": roof(), "rows": [], "training": []}
    runs = [("rows", row, of) for of in ROWS]
    runs[2:2] = [("training", training, (batch,)) for batch in TRAINING]
    for kind, run, of in runs:
        if time.monotonic() > end:
            print(f"PyTorch, {kind} {of}: not run, out of time")
            continue
        try:
            found[kind].append(run(*of))
            print(found[kind][-1], flush=True)
        except Exception as e:  # noqa: BLE001 - a compiler raises anything; the others still count
            print(f"PyTorch, {kind} {of}: {str(e).splitlines()[:1]}")
        torch.compiler.reset()
        torch.cuda.empty_cache()
        with open(args.out, "w", encoding="utf-8") as file:
            json.dump(found, file, indent=1)
    if args.beside and os.path.exists(args.beside):
        with open(args.beside, encoding="utf-8") as file:
            lines = table(json.load(file), found)
        print("\n" + lines)
        if args.table:
            with open(args.table, "w", encoding="utf-8") as file:
                file.write(lines + "\n")


if __name__ == "__main__":
    main()
