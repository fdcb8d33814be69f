"""What an import costs, in a fresh interpreter each time."""

from __future__ import annotations

import json
import subprocess
import sys

from .work import Results, Work

MILLISECONDS = """
import json, time
start = time.perf_counter()
import numpy
middle = time.perf_counter()
{statement}
end = time.perf_counter()
print(json.dumps([1e3 * (middle - start), 1e3 * (end - middle), *map(int, numpy.__version__.split(".")[:2])]))
"""


def prepare(library: str, mode: str = "eager") -> Work:
    """Milliseconds: for "gradwalk" those of ``import autograd`` after ``import numpy``, for "numpy" those of NumPy."""
    statement = "import autograd" if library == "gradwalk" else ""
    last: Results = {}

    def run() -> float:
        program = [sys.executable, "-c", MILLISECONDS.format(statement=statement)]
        printed = subprocess.run(program, capture_output=True, text=True, check=True).stdout
        of_numpy, added, *version = json.loads(printed)
        last["numpy version"] = version
        return float(added if statement else of_numpy)

    run()  # the first import writes bytecode
    return Work(lambda count: sum(run() for _ in range(count)) / count, lambda: last)
