"""Answers a benchmark's commands, one JSON object a line: ``python -m workers.serve WORKLOAD LIBRARY [OPTIONS]``.

    {"measure": 5}   ->  {"measure": 0.0123}               the mean of five measurements
    {"results": 1}   ->  {"results": {"loss": "AAAAAAAA4D8="}}  float64 in base64, the arrays being long
    {"processors": 1} -> {"processors": 1.0}               the processor time of all measurements over the clock's

The first line, before any command, is ``{"ready": ...}``; an exception is answered by ``{"error": ...}``, and
``{"unavailable": ...}`` says that this side cannot do the work here. The end of the input ends the process.
"""

from __future__ import annotations

import array
import base64
import importlib
import importlib.metadata
import json
import os
import platform
import sys
import time
import traceback
from typing import Any, TextIO

from .work import UnavailableError, Work

DISTRIBUTIONS = ("autograd", "jax", "jaxlib", "micrograd", "mygrad", "numba", "numpy", "tinygrad", "torch")


def main(workload: str, library: str, options: str = "{}") -> None:
    """Prepare the workload and answer for it until the input ends."""
    answers = own_output()
    try:
        work = importlib.import_module(f"workers.{workload}").prepare(library, **json.loads(options))
    except UnavailableError as reason:
        answer(answers, {"unavailable": str(reason)})
        return
    except Exception as error:
        answer(answers, {"error": describe(error)})
        return
    answer(answers, {"ready": {"python": platform.python_version(), "versions": versions()}})
    served = Served(work)
    for line in sys.stdin:
        try:
            answer(answers, served.obey(json.loads(line)))
        except Exception as error:
            answer(answers, {"error": describe(error)})


class Served:
    """A workload that obeys commands, and keeps account of the processors that it used."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.processor_seconds = self.seconds = 0.0

    def obey(self, command: dict[str, int]) -> dict[str, Any]:
        """What one command asks for."""
        if "measure" in command:
            return {"measure": self.measure(command["measure"])}
        if "processors" in command:
            return {"processors": self.processor_seconds / self.seconds if self.seconds else 0.0}
        return {"results": {name: encode(numbers) for name, numbers in self.work.results().items()}}

    def measure(self, count: int) -> float:
        start, processor_start = time.perf_counter(), time.process_time()
        measured = self.work.measure(count)
        self.processor_seconds += time.process_time() - processor_start
        self.seconds += time.perf_counter() - start
        return measured


def encode(numbers: list[float]) -> str:
    """Numbers as float64 in base64."""
    return base64.b64encode(array.array("d", numbers).tobytes()).decode("ascii")


def own_output() -> TextIO:
    """Standard output for the answers alone: what a library prints goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def answer(answers: TextIO, message: dict[str, Any]) -> None:
    print(json.dumps(message), file=answers, flush=True)


def describe(error: Exception) -> str:
    """The exception in one line; the traceback goes to standard error."""
    traceback.print_exc()
    said = str(error).strip().splitlines()
    return f"{type(error).__name__}: {said[0]}" if said else type(error).__name__


def versions() -> dict[str, str]:
    """The version of every distribution that a side may run on."""
    found = {}
    for name in DISTRIBUTIONS:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


if __name__ == "__main__":
    main(*sys.argv[1:])
