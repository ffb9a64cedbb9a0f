"""The published loss (ACTLossHead) of one segment, summed over the batch, in double."""

import torch
import torch.nn.functional as F

from data import IGNORED


def log_probabilities(logits, kind):
    """Of softmax, or of stablemax: s(x) = x+1, or 1/(1-x) below 0."""
    x = logits.double()
    if kind == "softmax":
        return F.log_softmax(x, -1)
    s = torch.where(x < 0, 1 / (1 - x.clamp(max=0) + 1e-30), x.clamp(min=0) + 1)
    return torch.log(s / s.sum(-1, keepdim=True))


def cross_entropy(logits, labels, kind, smoothing):
    """Of every cell, 0 where the label does not count; smoothing goes evenly to all V tokens."""
    log_p = log_probabilities(logits, kind)
    counts = labels != IGNORED
    own = log_p.gather(-1, labels.clamp(min=0)[..., None])[..., 0]
    cell = -(1 - smoothing) * own - smoothing * log_p.mean(-1)
    return torch.where(counts, cell, torch.zeros_like(cell))


def losses(logits, q_halt, q_continue, labels, target_continue, kind, smoothing):
    """Total, and what it is made of, as a dictionary of scalars; exact and counted per row."""
    counts = labels != IGNORED
    counted = counts.sum(1)
    cells = cross_entropy(logits, labels, kind, smoothing)
    lm = (cells.sum(1) / counted.clamp(min=1)).sum()
    correct = ((logits.detach().argmax(-1) == labels) & counts).sum(1)
    exact = correct == counted  # a row without labels counts as exact, as in the reference
    halt = bce(q_halt, exact)
    cont = bce(q_continue, target_continue) if target_continue is not None else 0 * halt
    return {
        "total": lm + 0.5 * (halt + cont),
        "lm": lm,
        "q_halt": halt,
        "q_continue": cont,
        "cells": counted.sum(),
        "correct": correct.sum(),
        "exact": exact,
        "counted": counted,
    }


def bce(logit, target):
    logit = logit.double()
    return F.binary_cross_entropy_with_logits(logit, target.to(logit.dtype), reduction="sum")
