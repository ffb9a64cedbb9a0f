#!/usr/bin/env python3
"""Writes what PyTorch computes from a trained model, for a test that Java computes the same.

    python3 expect.py run/model test.csv expected.safetensors

float32, from the stored weights: `inputs` (8, seq_len) and, after each of 4 segments, `seg<i>.logits`
(8, seq_len, V) and `seg<i>.q_halt` (8). src/test/resources/torch holds such a model with its values.
"""

import json
import os
import sys

import torch

from data import load
from files import PREFIX, encode, read, write
from network import Network
from settings import Arch

PUZZLES, SEGMENTS = 8, 4


def main(folder, data, out):
    with open(os.path.join(folder, "config.json"), encoding="utf-8") as file:
        arch = Arch(json.load(file))
    stored = read(os.path.join(folder, "model.safetensors"))
    weights = {name[len(PREFIX) :]: w.float() for name, w in stored.items()}
    inputs, _, ids = (x[:PUZZLES] for x in load(data, arch))
    net = Network(arch, torch.device("cpu"), torch.float32)
    expected = {"inputs": inputs.int()}
    with torch.no_grad():
        puzzle = weights["puzzle_emb.weights"][ids] if arch.ndim > 0 else None
        emb = net.embed(weights, inputs, puzzle)
        z_h, z_l = (weights[name].expand_as(emb) for name in ("H_init", "L_init"))
        for s in range(SEGMENTS):
            z_h, z_l = net.segment(weights, z_h, z_l, emb, arch.H_cycles, arch.L_cycles)
            logits, q_halt, _ = net.heads(weights, z_h)
            expected[f"seg{s}.logits"], expected[f"seg{s}.q_halt"] = logits, q_halt
    write(out, encode(expected))


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
