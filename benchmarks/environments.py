"""An environment for each library that is measured: import names clash, so each peer has a virtual one of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Every library computes on one thread, and hashes alike in every run.
PINNED = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
}


class UnavailableError(Exception):
    """A library cannot be measured here; the message says why."""


@dataclass(frozen=True)
class Environment:
    """Where one library is measured.

    Attributes:
        name: the library's, as the table has it.
        requirements: what pip installs; none for the environment of the running Python, which holds gradwalk.
    """

    name: str
    requirements: tuple[str, ...] = ()

    def python(self, cache: Path) -> Path:
        """The environment's interpreter; the environment is made first if it is not in the cache yet.

        Raises:
            UnavailableError: it cannot be made; the message ends with pip's.
        """
        if not self.requirements:
            return Path(sys.executable)
        folder = cache.resolve() / self.name
        python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        stamp = folder / "complete.txt"
        content = "\n".join((sys.version, *self.requirements))
        if not (stamp.is_file() and stamp.read_text(encoding="utf-8") == content):
            print(f"Making {folder} with {', '.join(self.requirements)}, once.", file=sys.stderr)
            shutil.rmtree(folder, ignore_errors=True)
            _run([sys.executable, "-m", "venv", "--without-pip", str(folder)])
            pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--python", str(python)]
            _run([*pip, "install", *self.requirements])
            stamp.write_text(content, encoding="utf-8")
        return python

    def variables(self) -> dict[str, str]:
        """The environment variables of its processes; gradwalk's are led to the sources beside this package."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
        return {**kept, **PINNED, **({} if self.requirements else {"PYTHONPATH": str(ROOT)})}


GRADWALK = Environment("gradwalk")
MICROGRAD = Environment("micrograd", ("micrograd==0.1.0",))
TORCH = Environment("torch", ("torch==2.13.0",))
NUMPY = Environment("numpy")


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=1800)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UnavailableError(f"{' '.join(command[1:4])} ...: {error}") from error
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines() or [f"exit status {done.returncode}"]
        raise UnavailableError(said[-1])
