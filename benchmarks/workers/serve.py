"""Answers a benchmark's commands, one JSON object a line: ``python -m workers.serve WORKLOAD LIBRARY [OPTIONS]``.

    {"measure": 5}   ->  {"measure": 0.0123}          the mean of five measurements
    {"results": 1}   ->  {"results": {"loss": [0.5]}}

The first line, before any command, is ``{"ready": ...}``; an exception is answered by ``{"error": ...}``. The end of
the input ends the process.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import os
import platform
import sys
import traceback
from typing import Any, TextIO


def main(workload: str, library: str, options: str = "{}") -> None:
    """Prepare the workload and answer for it until the input ends."""
    answers = own_output()
    try:
        work = importlib.import_module(f"workers.{workload}").prepare(library, **json.loads(options))
    except Exception as error:
        answer(answers, {"error": describe(error)})
        return
    answer(answers, {"ready": {"python": platform.python_version(), "versions": versions()}})
    for line in sys.stdin:
        try:
            answer(answers, obey(work, json.loads(line)))
        except Exception as error:
            answer(answers, {"error": describe(error)})


def obey(work: Any, command: dict[str, int]) -> dict[str, Any]:
    """What one command asks for."""
    if "measure" in command:
        return {"measure": work.measure(command["measure"])}
    return {"results": work.results()}


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
    return f"{type(error).__name__}: {error}"


def versions() -> dict[str, str]:
    """The version of every distribution that a peer's environment may hold."""
    found = {}
    for name in ("numpy", "micrograd", "torch"):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


if __name__ == "__main__":
    main(*sys.argv[1:])
