"""An environment for each library that is measured: import names clash, so each peer has a virtual one of its own."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Every library computes on one thread of the processor, and hashes alike in every run.
PINNED = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
    "NPROC": "1",  # the size of XLA's pool of threads
    "NUM_CPU_THREADS": "1",  # tinygrad's
    "JAX_PLATFORMS": "cpu",
    "DEV": "CPU",  # tinygrad's device
    "CUDA_VISIBLE_DEVICES": "",
    "PYTHONHASHSEED": "0",
}


# What would tune Python, or choose a library's kernels for another processor than this one, is left out.
_NOT_INHERITED = ("PYTHON", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "MKL_DEBUG", "NVPL_BLAS")


class UnavailableError(Exception):
    """A library cannot be measured here; the message says why."""


@dataclass(frozen=True)
class Environment:
    """Where one library is measured.

    Attributes:
        name: the library's, as `benchmarks.workers` and the command line have it.
        requirements: what pip installs, the library first, each pinned by ``==``; none for the environment of the
            running Python, which holds gradwalk.
        title: the library's name in tables.
    """

    name: str
    requirements: tuple[str, ...] = ()
    title: str = ""

    @property
    def distribution(self) -> str:
        """What pip calls the library.

        >>> HIPS.distribution
        'autograd'
        """
        return self.requirements[0].split("==")[0] if self.requirements else self.name

    def label(self, versions: dict[str, str] | None = None) -> str:
        """The library and its version, as the table has them: the version found, or that which is asked for.

        >>> HIPS.label({"autograd": "1.8.0"}), NUMPY.label()
        ('HIPS autograd 1.8.0', 'NumPy')
        """
        pinned = self.requirements[0].split("==")[1] if self.requirements else ""
        return f"{self.title or self.name} {(versions or {}).get(self.distribution, pinned)}".strip()

    def python(self, cache: Path | None) -> Path:
        """The environment's interpreter; the environment is made first if it is not in the cache yet.

        Args:
            cache: the folder that holds the environments; None to take the running Python, if it has the library.

        Raises:
            UnavailableError: it cannot be made (the message ends with pip's), or the running Python lacks the library.
        """
        if not self.requirements:
            return Path(sys.executable)
        if cache is None:
            return self._running()
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
        kept = {key: value for key, value in os.environ.items() if not key.startswith(_NOT_INHERITED)}
        return {**kept, **PINNED, **({} if self.requirements else {"PYTHONPATH": str(ROOT)})}

    def _running(self) -> Path:
        try:
            importlib.metadata.version(self.distribution)
        except importlib.metadata.PackageNotFoundError as error:
            raise UnavailableError("not installed beside gradwalk") from error
        return Path(sys.executable)


GRADWALK = Environment("gradwalk")
MICROGRAD = Environment("micrograd", ("micrograd==0.1.0",))
TORCH = Environment("torch", ("torch==2.13.0",), "PyTorch")
JAX = Environment("jax", ("jax==0.10.2",), "JAX")
HIPS = Environment("hips", ("autograd==1.9.1",), "HIPS autograd")
MYGRAD = Environment("mygrad", ("mygrad==2.5.0",), "MyGrad")
TINYGRAD = Environment("tinygrad", ("tinygrad==0.14.0",))
NUMPY = Environment("numpy", title="NumPy")
PEERS = (MICROGRAD, TORCH, JAX, HIPS, MYGRAD, TINYGRAD, NUMPY)


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=1800)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UnavailableError(f"{' '.join(command[1:4])} ...: {error}") from error
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines() or [f"exit status {done.returncode}"]
        raise UnavailableError(said[-1])
