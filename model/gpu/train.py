#!/usr/bin/env python3
"""Trains HRM or TRM on one GPU, for at most so many minutes, and goes on from where it stopped.

    python3 train.py --config ../src/main/resources/hrm/train/muon-sudoku.json \\
        --data train.csv --test test.csv --out run --minutes 9 [--resume run]

Writes into --out: model/ (the best weights by validation, as bfloat16, and config.json; the Java
programs load this folder), checkpoint.N, log.jsonl and summary.json. Wrong input ends with status 2.
"""

import argparse
import json
import math
import os
import shutil
import sys
import time

import torch

from data import Source, load
from engine import Engine
from evaluation import evaluate
from files import load_checkpoint, read_model, save_checkpoint, save_model, write
from learner import Exploration, Learner
from network import random_weights
from settings import InputError, Settings

REPORT_STEPS, REPORT_SECONDS = 20, 10  # between two looks at the device, at most
SEGMENTS = 64  # of the last test
SHOWN = (1, 2, 4, 8, 16, 32, 64)


def note(text):
    print(text, file=sys.stderr, flush=True)


def arguments():
    p = argparse.ArgumentParser(
        description=__doc__.splitlines()[0], epilog="\n".join(__doc__.splitlines()[2:]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    p.add_argument("--config", required=True, help="arch and train, as `hrm train --config` reads")
    p.add_argument("--data", required=True, help="puzzles to learn from: CSV (a maze's free cell . or a space), or folder of .npy")
    p.add_argument("--weights", help="model folder to begin from, instead of train.weights")
    p.add_argument("--test", required=True, help="puzzles to be judged by, likewise; of a folder, test")
    p.add_argument("--out", required=True, help="folder for all results")
    p.add_argument("--minutes", type=float, default=9, help="wall time of this call (9)")
    p.add_argument("--total-minutes", type=float, help="of all calls: lowers train.steps to what they allow")
    p.add_argument("--steps", type=int, help="instead of train.steps")
    p.add_argument("--batch", type=int, help="instead of train.batch")
    p.add_argument("--resume", help="--out of the call before")
    p.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    p.add_argument("--dtype", choices=("float32", "bfloat16"), help="bfloat16 on a GPU")
    p.add_argument("--ways", help="of eager,compiled,graph: those to time and choose from")
    p.add_argument("--pieces", type=int, default=4, help="checkpoint files at most (4)")
    p.add_argument("--piece-mib", type=float, default=10, help="size of each at most (10)")
    return p.parse_args()


class Run:
    def __init__(self, args):
        self.args = args
        self.started = time.perf_counter()
        self.before = 0.0  # seconds of earlier calls
        self.settings = self._settings()
        self.device = torch.device(args.device)
        gpu = self.device.type == "cuda"
        dtype = args.dtype or ("bfloat16" if gpu else "float32")
        self.dtype = getattr(torch, dtype)
        # TF32 products are for the work in bfloat16; float32 means float32.
        torch.set_float32_matmul_precision("high" if dtype == "bfloat16" else "highest")
        self.ways = (args.ways or ("eager,compiled" if gpu else "eager")).split(",")
        self._data()
        self.step, self.best, self.best_step, self.worse = 0, -1.0, 0, 0
        self.steps_here, self.step_seconds, self.told = 0, 0.0, 0.0
        os.makedirs(args.out, exist_ok=True)
        self._resume()
        self.segment_seconds = 0.0  # of one batch in evaluation

    def _settings(self):
        try:
            with open(self.args.config, encoding="utf-8") as file:
                settings = Settings(file.read(), self.args.config)
        except OSError as e:
            raise InputError(f"--config {self.args.config}: {e.strerror}") from e
        for key in ("steps", "batch", "weights"):
            if getattr(self.args, key):
                setattr(settings.train, key, getattr(self.args, key))
        return settings

    def _data(self):
        a, t = self.settings.arch, self.settings.train
        puzzles, self.test = load(self.args.data, a), load(self.args.test, a, "test")
        n = len(puzzles[0])
        if n <= t.validation:
            raise InputError(
                f"{self.args.data} has {n} puzzles, of which train.validation keeps"
                f" {t.validation}: none is left to learn from"
            )
        most = min(t.examples or n, n - t.validation)
        self.training = [x[:most] for x in puzzles]
        self.validation = [x[n - t.validation :] for x in puzzles]

    def _resume(self):
        state, train = None, self.settings.train
        if self.args.resume:
            state, metadata = load_checkpoint(self.args.resume)
            earlier = json.loads(metadata["settings"])
            now = json.loads(self.settings.text())
            train.steps = earlier["train"]["steps"] if not self.args.steps else train.steps
            for part, key in [(p, k) for p in now for k in now[p] if k not in ("steps", "data", "weights")]:
                if now[part][key] != earlier[part].get(key):
                    raise InputError(
                        f"{part}.{key} is {now[part][key]}, but the run in {self.args.resume}"
                        f" has {earlier[part].get(key)}; give its config"
                    )
            self.step, self.before = int(metadata["step"]), float(metadata["seconds"])
            self._take_results(metadata)
        torch.manual_seed(train.seed * 1_000_003 + self.step)
        if train.weights and not state:
            weights = read_model(train.weights, self.settings.arch)
        else:
            weights = random_weights(self.settings.arch, train.seed)
        self.learner = Learner(self.settings, weights, self.device, self.dtype)
        if state:
            self.learner.restore(state, self.step)
            note(f"going on after step {self.step} of {train.steps}")
        self.learner.plan()
        self.source = Source(self.settings, self.training, self.device)
        exploration = Exploration(self.settings, self.device)
        self.engine = Engine(self.learner, self.source, exploration)

    def _take_results(self, metadata):
        """The log and the best model of the call before."""
        out, earlier = self.args.out, self.args.resume
        if os.path.realpath(out) != os.path.realpath(earlier):
            for name in ("log.jsonl", "model/model.safetensors", "model/config.json"):
                if os.path.exists(os.path.join(earlier, name)):
                    os.makedirs(os.path.dirname(os.path.join(out, name)), exist_ok=True)
                    shutil.copyfile(os.path.join(earlier, name), os.path.join(out, name))
        if os.path.exists(os.path.join(out, "model", "model.safetensors")):
            self.best, self.best_step = float(metadata["best"]), int(metadata["best_step"])
            self.worse = int(metadata["worse"])

    def seconds(self):
        """Of the whole run, earlier calls included."""
        return self.before + self.here()

    def here(self):
        return time.perf_counter() - self.started

    def log(self, kind, **values):
        line = json.dumps(dict(type=kind, step=self.step, seconds=round(self.seconds(), 2), **values))
        with open(os.path.join(self.args.out, "log.jsonl"), "a", encoding="utf-8") as file:
            file.write(line + "\n")

    def evaluate(self, puzzles, segments):
        a, batch = self.settings.arch, self.settings.train.batch
        start = time.perf_counter()
        weights = self.learner.weights()
        result = evaluate(self.learner.net, weights, puzzles, batch, segments, a.halt_max_steps)
        spent = time.perf_counter() - start
        self.segment_seconds = spent / segments / math.ceil(len(puzzles[0]) / batch)
        return result

    def reserve(self, complete):
        """Seconds to keep for the test, the checkpoint and the way out."""
        segments = SEGMENTS if complete else self.settings.arch.halt_max_steps
        batches = math.ceil(len(self.test[0]) / self.settings.train.batch)
        return 1.2 * self.segment_seconds * segments * batches + 8

    def begin(self):
        """Chooses how to step, measures, and plans the rest."""
        train = self.settings.train
        self.log(
            "run", settings=json.loads(self.settings.text()),
            started=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            machine=f"{self.device_name()}, PyTorch {torch.__version__}, {self.dtype}",
        )  # fmt: skip
        first = self.step
        if self.step < train.steps:
            left = train.steps - self.step
            self.step = self.engine.choose(self.ways, self.settings.depth, self.step, left)
        self.evaluate(self.validation, 1)  # what is compiled for it is not the speed
        self.evaluate(self.validation, 2)
        if self.args.total_minutes and not self.args.resume and self.engine.seconds:
            train.steps = min(train.steps, self._affordable())
            self.learner.plan()
            note(f"{train.steps} steps in {self.args.total_minutes} minutes")
        self.log("plan", way=self.engine.way, steps=train.steps, warm_up_steps=self.step - first)
        self.learner.read_metrics()

    def _affordable(self):
        a, t = self.settings.arch, self.settings.train
        calls = math.ceil(self.args.total_minutes / self.args.minutes)
        rest = self.args.total_minutes * 60 - calls * self.here()
        rest -= self.reserve(True) + (calls - 1) * self.reserve(False)
        batches = math.ceil(t.validation / t.batch)
        evaluation = batches * a.halt_max_steps * self.segment_seconds
        each = self.engine.seconds * 1.02 + evaluation / t.evaluate_every
        return max(self.step + 1, self.step + int(rest / each))

    def train(self):
        """Steps until the last one or until time is up; gives whether the run is complete."""
        train, last_report = self.settings.train, self.step
        since = time.perf_counter()
        while self.step < train.steps and not self._out_of_patience():
            self.step += 1
            self.engine.step(self.settings.depth(self.step))
            due = self.step % train.evaluate_every == 0 or self.step == train.steps
            slow = time.perf_counter() - since > REPORT_SECONDS
            if due or slow or self.step % REPORT_STEPS == 0:
                self.report(self.step - last_report, since)
                if due:
                    self.judge()
                last_report, since = self.step, time.perf_counter()
                left = self.args.minutes * 60 - self.here()
                if left < self.reserve(self.step >= train.steps):
                    break
        return self.step >= train.steps or self._out_of_patience()

    def _out_of_patience(self):
        return 0 < self.settings.train.patience <= self.worse

    def report(self, steps, since):
        m = self.learner.read_metrics()
        spent = time.perf_counter() - since
        self.steps_here += steps
        self.step_seconds += spent
        rows = steps * self.settings.train.batch
        flop = steps * self.settings.step_flop(*self.settings.depth(self.step))
        values = dict(
            steps=self.settings.train.steps,
            loss=m["loss"] / rows,
            lm_loss=m["lm"] / rows,
            q_halt_loss=m["q_halt"] / rows,
            cell_accuracy=m["correct"] / max(1, m["cells"]),
            exact_accuracy=m["exact"] / max(1, m["ended"]),
            q_halt_accuracy=m["q_correct"] / max(1, m["ended"]),
            mean_segments=m["segments"] / max(1, m["ended"]),
            lr=self.settings.rates(self.step)[0],
            samples_per_second=rows / spent,
            tflop_per_second=flop / spent / 1e12,
        )
        self.log("progress", **values)
        if self.here() - self.told > REPORT_SECONDS:
            self.told = self.here()
            note(
                f"step {self.step}/{values['steps']}  {self.seconds():.0f} s"
                f"  lm {values['lm_loss']:.4f}  cells {values['cell_accuracy']:.3f}"
                f"  exact {values['exact_accuracy']:.3f}  segments {values['mean_segments']:.1f}"
                f"  {values['samples_per_second']:.0f}/s  {values['tflop_per_second']:.0f} TFLOP/s"
            )

    def log_evaluation(self, which, result, best):
        """A line as TrainingLog reads it."""
        self.log(
            "evaluation", set=which, puzzles=result["puzzles"], exact_by_segment=result["solved"],
            cell_accuracy=result["cells"], halting_accuracy=result["halting"],
            exact_at_halt=result["solved_at_halt"],
            mean_segments_at_halt=result["mean_segments"], best=best,
        )  # fmt: skip

    def judge(self):
        """Evaluates on the validation puzzles; the best weights become the model, ties included."""
        result = self.evaluate(self.validation, self.settings.arch.halt_max_steps)
        exact = result["solved"][-1]
        better = exact >= self.best
        if better:
            self.best, self.best_step, self.worse = exact, self.step, 0
            folder, weights = os.path.join(self.args.out, "model"), self.learner.weights()
            save_model(folder, self.settings.arch, weights, {"step": str(self.step)})
        else:
            self.worse += 1
        self.log_evaluation("validation", result, best=better)
        note(
            f"step {self.step}: validation {100 * exact:.1f} %, with the halting head"
            f" {100 * result['solved_at_halt']:.1f} % after {result['mean_segments']:.2f} segments"
            + (", the best so far" if better else "")
        )
        self.save()

    def save(self):
        metadata = dict(
            settings=self.settings.text(), step=str(self.step), seconds=str(self.seconds()),
            best=str(self.best), best_step=str(self.best_step), worse=str(self.worse),
        )  # fmt: skip
        size = int(self.args.piece_mib * 2**20)
        told = save_checkpoint(
            self.args.out, self.learner.snapshot(), metadata, self.args.pieces, size
        )
        if told:
            note(told)

    def device_name(self):
        if self.device.type == "cuda":
            return torch.cuda.get_device_name(self.device)
        return f"CPU, {torch.get_num_threads()} threads"

    def finish(self, complete):
        """Checkpoint, test of the best weights (of the newest, when training goes on), summary."""
        self.save()
        best = os.path.join(self.args.out, "model", "model.safetensors")
        if not os.path.exists(best):
            self.judge()
        summary = dict(
            complete=complete, step=self.step, steps=self.settings.train.steps,
            seconds=round(self.seconds(), 1), device=self.device_name(), way=self.engine.way,
            validation=self.best, best_step=self.best_step,
        )  # fmt: skip
        if self.steps_here:
            batch = self.settings.train.batch
            each = self.step_seconds / self.steps_here
            flop = self.settings.step_flop(*self.settings.depth(self.step))
            summary.update(
                ms_per_step=1000 * each,
                samples_per_second=batch / each,
                tflop_per_second=flop / each / 1e12,
            )
        segments = SEGMENTS if complete else self.settings.arch.halt_max_steps
        summary["test"] = self.test_best(best, segments)
        summary["seconds"] = round(self.seconds(), 1)
        text = json.dumps(summary, indent=2) + "\n"
        write(os.path.join(self.args.out, "summary.json"), text.encode())
        return summary

    def test_best(self, path, segments):
        stored = {k: v.to(self.device) for k, v in read_model(path, self.settings.arch).items()}
        a, batch = self.settings.arch, self.settings.train.batch
        result = evaluate(self.learner.net, stored, self.test, batch, segments, a.halt_max_steps)
        self.log_evaluation("held_out", result, best=False)
        shown = {str(s): result["solved"][s - 1] for s in SHOWN if s <= segments}
        return dict(result, solved=shown)  # the log has every segment


def table(summary):
    test = summary["test"]
    rows = [
        ("step", f"{summary['step']} of {summary['steps']}"),
        ("time", f"{summary['seconds'] / 60:.1f} min, {summary['device']}, {summary['way']}"),
    ]
    if "ms_per_step" in summary:
        rows.append(
            ("speed", f"{summary['ms_per_step']:.1f} ms a step,"
             f" {summary['samples_per_second']:.0f} samples/s,"
             f" {summary['tflop_per_second']:.0f} TFLOP/s")
        )  # fmt: skip
    rows.append(("validation", f"{100 * summary['validation']:.1f} % (step {summary['best_step']})"))
    for segments, share in test["solved"].items():
        rows.append((f"test, {segments} segments", f"{100 * share:.2f} % of {test['puzzles']}"))
    rows.append(
        ("test, halting head",
         f"{100 * test['solved_at_halt']:.2f} % after {test['mean_segments']:.2f} segments")
    )  # fmt: skip
    return "\n".join(f"{name:20} {value}" for name, value in rows)


def main():
    try:
        run = Run(arguments())
        run.begin()
        summary = run.finish(run.train())
    except InputError as e:
        note(f"train.py: {e}")
        return 2
    print(table(summary))
    return 0


if __name__ == "__main__":
    sys.exit(main())
