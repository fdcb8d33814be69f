"""What it takes until a compiled program has run for the first time, in a fresh interpreter each time.

The clock starts when the graph is recorded and everything but numba is imported; it stops after the first run forward
and backward.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from . import modes, networks, scalar_step, scalars
from .libraries import load
from .work import Results, Work

FOLDER = Path(__file__).resolve().parent.parent


def prepare(library: str, program: str, cached: bool, mode: str = "fast") -> Work:
    """Seconds until a compiled program has run.

    Args:
        library: "gradwalk".
        program: "CNN step" (batch 16) or "Value step".
        cached: whether an earlier process has left its compiled code in the cache; otherwise the cache is empty.
        mode: "fast".
    """
    modes.require(mode)
    folder = tempfile.TemporaryDirectory()
    last: Results = {}

    def run(cache: str) -> float:
        command = [sys.executable, "-c", f"from workers import compilation; compilation.first_run({program!r})"]
        places = {**os.environ, "NUMBA_CACHE_DIR": cache, "XDG_CACHE_HOME": cache}
        done = subprocess.run(command, capture_output=True, text=True, env=places, cwd=FOLDER)
        if done.returncode:
            raise RuntimeError((done.stderr.strip().splitlines() or ["no message"])[-1])
        seconds, result = json.loads(done.stdout)
        last["result"] = [result]
        return float(seconds)

    def measure(count: int) -> float:
        with contextlib.ExitStack() as stack:
            caches = [folder.name] * count
            if not cached:
                caches = [stack.enter_context(tempfile.TemporaryDirectory()) for _ in caches]
            return sum(map(run, caches)) / count

    if cached:
        run(folder.name)
    return Work(measure, lambda: last)


def first_run(name: str) -> None:
    """Print the seconds that compiling and the first run took, and the result."""
    program, inputs = {"CNN step": recorded_cnn, "Value step": recorded_step}[name]()
    replay = importlib.import_module("autograd.replay")
    start = time.perf_counter()
    result, _ = replay.Program(program.tape, backend="numba").value_and_grad(*inputs)
    print(json.dumps([time.perf_counter() - start, float(result)]))


def recorded_cnn() -> tuple[Any, list[Any]]:
    """The program of a CNN step, and its inputs."""
    task = networks.cnn(load("gradwalk"), random.Random(networks.SEED), 16)
    leaves = list(task.leaves.values())
    return modes.record("replay", task.function, *leaves, *task.data), [*(leaf.data for leaf in leaves), *task.data]


def recorded_step() -> tuple[Any, list[Any]]:
    """The program of a step on scalars, and its inputs."""
    parameters, points, labels = scalar_step.problem()
    own = scalars.load("gradwalk", "replay")
    value = importlib.import_module("autograd").Value

    def loss(parameters: Any) -> Any:
        return scalar_step.total_loss(own, parameters, points, labels)

    return modes.record("replay", loss, [value(each) for each in parameters]), [parameters]
