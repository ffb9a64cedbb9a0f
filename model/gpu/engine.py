"""Ways to run a step, timed against each other on real steps: eager, compiled, one CUDA graph."""

import sys
import time

import torch

WARM, TIMED = 3, 5


class Engine:
    def __init__(self, learner, source, exploration):
        self.learner, self.source, self.exploration = learner, source, exploration
        self.eager = dict(learner.net.calls)
        self.compiled = None
        self.graphs = {}
        self.way = "eager"
        self.seconds = None  # of a step, once chosen

    def wait(self):
        if self.learner.device.type == "cuda":
            torch.cuda.synchronize()

    def step(self, depth):
        if self.way == "graph":
            self._graph(depth).replay()
        else:
            self.learner.step(self.source, self.exploration, *depth)

    def choose(self, ways, depth_of, step, most):
        """Trains a few steps each way and keeps the fastest; gives the number of the last step.

        A way that fails is left out with a message; the steps that worked count. Where fewer than
        `most` steps are left for that, the first way is taken as it is.
        """
        times = {}
        if len(ways) * (WARM + TIMED) >= most:
            self._take(ways[0])
            return step
        for way in ways:
            try:
                self._take(way)
                for _ in range(WARM):
                    self.step(depth_of(step + 1))
                    step += 1
                self.wait()
                start = time.perf_counter()
                for _ in range(TIMED):
                    self.step(depth_of(step + 1))
                    step += 1
                self.wait()
                times[way] = (time.perf_counter() - start) / TIMED
                print(f"{way}: {1000 * times[way]:.1f} ms a step", file=sys.stderr, flush=True)
            except Exception as e:  # noqa: BLE001 - whatever a compiler raises, another way may work
                reason = str(e).strip().splitlines() or [type(e).__name__]
                print(f"{way} does not work here: {reason[0]}", file=sys.stderr, flush=True)
                with torch.no_grad():
                    self.learner.t.fill_(step)
                    self.learner.sums.zero_()
                torch.cuda.empty_cache()
        if not times:
            raise RuntimeError("no way of running a step works here; see above")
        best = min(times, key=times.get)
        self._take(best)
        self.seconds = times[best]
        return step

    def _take(self, way):
        self.way = way
        calls = self.eager
        if way != "eager" and self.learner.device.type == "cuda":
            if self.compiled is None:
                made = {f: torch.compile(f, dynamic=False) for f in set(self.eager.values())}
                self.compiled = {name: made[f] for name, f in self.eager.items()}
            calls = self.compiled
        self.learner.net.calls = dict(calls)

    def _graph(self, depth):
        """A whole step of one depth as a graph; its buffers are the learner's own."""
        if depth not in self.graphs:
            self.wait()
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph):
                self.learner.step(self.source, self.exploration, *depth)
            self.graphs[depth] = graph
        return self.graphs[depth]
