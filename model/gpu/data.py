"""Puzzles on the device, and their random equals: whole batches at once, nothing waits for a host.

A file is a CSV with the columns question and answer (Sudoku: digits, '.' or '0' for a blank; maze:
'#', '.' or ' ' for a free cell, 'S', 'G', 'o'), or a folder of .npy files as the published builders
write them.
"""

import csv
import os

import numpy as np
import torch

from settings import InputError

IGNORED = -100
BLANK = 1
BOXES = {"sudoku-4x4": (2, 2), "sudoku-6x6": (2, 3), "sudoku-9x9": (3, 3)}  # rows, columns
MAZE = "# SGo"


def load(path, arch, split="train"):
    """(N, seq_len) inputs, labels (-100 does not count), and (N) puzzle ids.

    Of a folder of splits, that one or else train; every example of test, the first of each group of
    another.
    """
    if os.path.isdir(path):
        inputs, labels, ids = _folder(path, split)
    elif os.path.isfile(path):
        inputs, labels, ids = _csv(path, arch)
    else:
        raise InputError(f"{path} does not exist; give a CSV file or a folder of .npy files")
    if inputs.shape[1] != arch.seq_len or inputs.max() >= arch.vocab_size:
        raise InputError(
            f"{path} has puzzles of {inputs.shape[1]} tokens up to {inputs.max()}, but"
            f" arch.seq_len is {arch.seq_len} and arch.vocab_size {arch.vocab_size}"
        )
    return [torch.from_numpy(x.astype(np.int64)) for x in (inputs, labels, ids)]


def _folder(path, split):
    inner = [os.path.join(path, name) for name in (split, "train")]
    path = next((folder for folder in inner if os.path.isdir(folder)), path)

    def read(name):
        return np.load(os.path.join(path, f"all__{name}.npy"))

    try:
        offsets, ids = read("puzzle_indices"), read("puzzle_identifiers")
        if split == "test":
            rows, ids = slice(None), np.repeat(ids, np.diff(offsets))
        else:
            puzzles = read("group_indices")[:-1]  # the first puzzle of each group,
            rows, ids = offsets[puzzles], ids[puzzles]  # and its first example
        labels, inputs = read("labels")[rows].astype(np.int64), read("inputs")[rows]
    except FileNotFoundError as e:
        raise InputError(f"{e.filename} is missing; give the folder that holds it") from e
    return inputs, np.where(labels == 0, IGNORED, labels), ids


def _csv(path, arch):
    with open(path, newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    if not lines or not {"question", "answer"} <= set(lines[0]):
        raise InputError(f"{path} has no lines with the columns question and answer")
    maze = str(arch.puzzle).startswith("maze")
    tokens = np.zeros((2, len(lines), arch.seq_len), np.int64)
    for i, line in enumerate(lines):
        for side, column in enumerate(("question", "answer")):
            text = line[column]
            if len(text) != arch.seq_len:
                raise InputError(
                    f"{path} line {i + 2}: {column} has {len(text)} cells, not {arch.seq_len}"
                )
            raw = np.frombuffer(text.encode("latin-1", "replace"), np.uint8).astype(np.int64)
            if maze:
                known = np.full(256, -1)
                known[[ord(c) for c in MAZE]] = range(1, 6)
                known[ord(".")] = known[ord(" ")]
                token = known[raw]
            else:
                token = np.where((raw == ord(".")) | (raw == ord("_")), BLANK, raw - ord("0") + 1)
            if token.min() < 1 or token.max() >= arch.vocab_size:
                raise InputError(f"{path} line {i + 2}: {column} has a symbol that is not allowed")
            tokens[side, i] = token
    return tokens[0], tokens[1], np.zeros(len(lines), np.int64)


def _shuffles(rows, n, device):
    return torch.rand(rows, n, device=device).argsort(1)


class Symmetries:
    """Random equals of puzzles: each row of a batch by a draw of its own."""

    def __init__(self, arch, device):
        self.device = device
        self.box = BOXES.get(arch.puzzle)
        self.seq_len = arch.seq_len
        side = round(arch.seq_len**0.5)
        self.maps = None
        if self.box is None and str(arch.puzzle).startswith("maze") and side * side == self.seq_len:
            grid = torch.arange(self.seq_len).view(side, side)
            turns = [torch.rot90(g, k) for g in (grid, grid.t()) for k in range(4)]
            self.maps = torch.stack([t.reshape(-1) for t in turns]).to(device)

    def __call__(self, inputs, labels):
        if self.maps is not None:
            where = self.maps[torch.randint(8, (len(inputs),), device=self.device)]
            return inputs.gather(1, where), labels.gather(1, where)
        if self.box is None:
            return inputs, labels
        where, digits = self._sudoku(len(inputs))
        labels = torch.where(
            labels < 0, labels, digits.gather(1, labels.clamp(min=0)).gather(1, where)
        )
        return digits.gather(1, inputs).gather(1, where), labels

    def _sudoku(self, rows):
        """Cells that each cell comes from (rows, cells), and the digits' new tokens."""
        box_rows, box_columns = self.box
        size = box_rows * box_columns
        r, c = self._lines(rows, size, box_rows), self._lines(rows, size, box_columns)
        where = r[:, :, None] * size + c[:, None, :]
        if box_rows == box_columns:
            turned = c[:, None, :].mul(size) + r[:, :, None]
            flip = torch.rand(rows, 1, 1, device=self.device) < 0.5
            where = torch.where(flip, turned, where)
        fixed = torch.arange(2, device=self.device).expand(rows, -1)
        digits = torch.cat((fixed, _shuffles(rows, size, self.device) + 2), 1)
        return where.reshape(rows, -1), digits

    def _lines(self, rows, size, group):
        """Groups of `group` lines permuted, and the lines within each."""
        groups = size // group
        order = _shuffles(rows, groups, self.device)
        within = torch.rand(rows, groups, group, device=self.device).argsort(2)
        return (order[:, :, None] * group + within).reshape(rows, size)


class Source:
    """The next example for every row of a batch: a random puzzle, augmented anew, with extra clues
    from its solution at first."""

    def __init__(self, settings, puzzles, device):
        self.t = settings.train
        self.inputs, self.labels, self.ids = (x.to(device) for x in puzzles)
        self.symmetries = Symmetries(settings.arch, device)
        self.device = device

    def draw(self, rows, step):
        """Inputs, labels (rows, seq_len) and ids (rows); step is a scalar on the device."""
        i = torch.randint(len(self.inputs), (rows,), device=self.device)
        inputs, labels = self.inputs[i], self.labels[i]
        if self.t.augment:
            inputs, labels = self.symmetries(inputs, labels)
        if self.t.extra_clues > 0 and self.t.extra_clues_until > 0:
            inputs = self._reveal(inputs, labels, step)
        return inputs, labels, self.ids[i]

    def _reveal(self, inputs, labels, step):
        rows = len(inputs)
        left = (1 - step / self.t.extra_clues_until).clamp(min=0)
        most = torch.floor(self.t.extra_clues * left) + 1
        count = torch.floor(torch.rand(rows, 1, device=self.device) * most)
        chosen = torch.rand(rows, 1, device=self.device) < self.t.extra_clues_share
        count = torch.where(chosen, count, torch.zeros_like(count))
        order = torch.rand(inputs.shape, device=self.device).masked_fill(inputs != BLANK, 2.0)
        rank = order.argsort(1).argsort(1)
        shown = (rank < count) & (inputs == BLANK) & (labels > BLANK)
        return torch.where(shown, labels, inputs)
