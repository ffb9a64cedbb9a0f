#!/usr/bin/env python3
"""PyTorch's time of HRM's segments beside the CUDA backend's, which CudaBench measured before.

    python3 bench.py OUT.json --beside BENCH.json [--seconds 220]

The plain model of network.py in bfloat16: torch.compile, scaled_dot_product_attention, then the
compiled segment as one CUDA graph; the faster of the two counts. Tokens are CudaBench's; weights are
random in both, since time does not depend on them. Prints a table of both.
"""

import argparse
import json
import statistics
import time

import torch

from network import Network, random_weights
from settings import Arch

SEQUENCES = (82, 901)
BATCHES = (64, 1, 8, 256, 1024)  # as CudaBench's: the most telling first


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


def table(ours, theirs):
    peer = {(r["sequence"], r["batch"]): r for r in theirs["rows"]}
    lines = [
        f"roof, bf16 8192 cubed: cublasLt {ours['roof_tflops']:.0f} TFLOP/s,"
        f" PyTorch {theirs['roof_tflops']:.0f}",
        "sequence  batch   ours ms  TFLOP/s   of roof   PyTorch ms    way       ratio",
    ]
    for r in sorted(ours["rows"], key=lambda r: (r["sequence"], r["batch"])):
        if "error" in r:
            lines.append(f"{r['sequence']:8} {r['batch']:6}   failed: {r['error']}")
            continue
        p = peer.get((r["sequence"], r["batch"]), {})
        ms = p.get("ms_per_segment")
        beside = f"{ms:10.3f}    {p['way']:9} {ms / r['ms_per_segment']:5.2f}x" if ms else "   not run"
        lines.append(
            f"{r['sequence']:8} {r['batch']:6} {r['ms_per_segment']:9.3f} {r['tflops']:8.1f}"
            f" {r['tflops'] / ours['roof_tflops']:8.0%}  {beside}"
        )
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out")
    parser.add_argument("--beside", required=True)
    parser.add_argument("--seconds", type=float, default=220)
    args = parser.parse_args()
    end = time.monotonic() + args.seconds
    found = {"torch": torch.__version__, "roof_tflops": roof(), "rows": []}
    for sequence in SEQUENCES:
        for batch in BATCHES:
            if time.monotonic() > end:
                print(f"PyTorch, sequence {sequence}, batch {batch}: not run, out of time")
                continue
            try:
                found["rows"].append(row(sequence, batch))
                print(found["rows"][-1], flush=True)
            except Exception as e:  # noqa: BLE001 - a compiler raises anything; the others still count
                print(f"PyTorch, sequence {sequence}, batch {batch}: {str(e).splitlines()[:1]}")
            torch.compiler.reset()
            torch.cuda.empty_cache()
            with open(args.out, "w", encoding="utf-8") as file:
                json.dump(found, file, indent=1)
    with open(args.beside, encoding="utf-8") as file:
        print("\n" + table(json.load(file), found))


if __name__ == "__main__":
    main()
