"""How many puzzles weights solve after each segment, and when their halting head stops."""

import torch

from data import IGNORED


@torch.no_grad()
def evaluate(net, weights, puzzles, batch, segments, limit):
    """Shares of the puzzles, in order of segments.

    solved (segments) after each, without early halting; solved_at_halt and mean_segments with the
    halting head and at most `limit` segments; cells after the last; halting where the head's last word is the
    truth. Waits for the device once.
    """
    a = net.arch
    device = next(iter(weights.values())).device
    inputs, labels, ids = (x.to(device) for x in puzzles)
    n = len(inputs)
    solved = torch.zeros(segments, device=device)
    at_halt, used, cells, halting = (torch.zeros((), device=device) for _ in range(4))
    for start in range(0, n, batch):
        pick = torch.arange(start, start + batch, device=device)
        real = pick < n  # the last batch is filled up, so that all have one shape
        pick = pick.clamp(max=n - 1)
        x, y = inputs[pick], labels[pick]
        counts = y != IGNORED
        puzzle = weights["puzzle_emb.weights"][ids[pick]] if a.ndim > 0 else None
        emb = net.embed(weights, x, puzzle)
        z_h = weights["H_init"].to(net.dtype).expand_as(emb).contiguous()
        z_l = weights["L_init"].to(net.dtype).expand_as(emb).contiguous()
        thinking = real.clone()
        for s in range(segments):
            z_h, z_l = net.segment(weights, z_h, z_l, emb, a.H_cycles, a.L_cycles)
            logits, q_halt, q_continue = net.heads(weights, z_h)
            right = (logits.argmax(-1) == y) | ~counts
            exact = right.all(1) & real
            solved[s] += exact.sum()
            says = net.halts(q_halt, q_continue)
            stops = thinking & (says | (s == min(limit, segments) - 1))
            at_halt += (stops & exact).sum()
            used += stops.sum() * (s + 1)
            thinking &= ~stops
        halting += ((says == exact) & real).sum()
        cells += ((right & counts).sum(1) / counts.sum(1).clamp(min=1) * real).sum()
    return {
        "puzzles": n,
        "solved": [v / n for v in solved.tolist()],
        "cells": cells.item() / n,
        "halting": halting.item() / n,
        "solved_at_halt": at_halt.item() / n,
        "mean_segments": used.item() / n,
    }
