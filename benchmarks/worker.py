"""The harness's end of a worker: a process in a library's environment that answers one command at a time."""

from __future__ import annotations

import array
import base64
import contextlib
import json
import subprocess
import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import Any

from benchmarks.environments import Environment, UnavailableError

FOLDER = Path(__file__).resolve().parent
LONGEST = 600.0  # seconds that a worker may take over one answer


class WorkerError(Exception):
    """A worker failed; the message is its own."""


class Worker:
    """A process that speaks the lines of `workers.serve`.

    Args:
        name: what messages call it: the library's name.
        command: its program and arguments.
        variables: its environment variables.
        patience: seconds to wait for one answer.

    Raises:
        UnavailableError: the worker says that it cannot do the work here.
        WorkerError: it cannot be started or prepared.
    """

    def __init__(self, name: str, command: list[str], variables: dict[str, str], patience: float = LONGEST) -> None:
        self.name = name
        self.patience = patience
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 - it is open as long as the process lives
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._complaints,
                text=True,
                encoding="utf-8",
                env=variables,
                cwd=FOLDER,
            )
        except OSError as error:
            self._complaints.close()
            raise WorkerError(f"{name}: {error}") from error
        try:
            self.about: dict[str, Any] = self._answer("ready")
        except (WorkerError, UnavailableError):
            self.close()
            raise

    def measure(self, count: int) -> float:
        """The mean of `count` measurements."""
        return float(self._ask("measure", count))

    def results(self) -> dict[str, list[float]]:
        """What the last measurement computed."""
        return {name: decode(numbers) for name, numbers in self._ask("results", 1).items()}

    def processors(self) -> float:
        """How many processors it kept busy while it was measured."""
        return float(self._ask("processors", 1))

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.kill()
        self._process.wait()
        with contextlib.suppress(OSError):  # what was not sent cannot be sent any more
            self._process.stdin.close()
        self._process.stdout.close()
        self._complaints.close()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _ask(self, command: str, number: int) -> Any:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # it has ended, and the missing answer says so
            self._process.stdin.write(json.dumps({command: number}) + "\n")
            self._process.stdin.flush()
        return self._answer(command)

    def _answer(self, key: str) -> Any:
        assert self._process.stdout is not None
        clock = threading.Timer(self.patience, self._process.kill)
        clock.start()
        try:
            line = self._process.stdout.readline()
        finally:
            clock.cancel()
        if not line:
            raise WorkerError(f"{self.name}: {self._end()}")
        message = json.loads(line)
        if "unavailable" in message:
            raise UnavailableError(message["unavailable"])
        if key not in message:
            error = message.get("error", f"the worker answered {line.strip()!r} where {key!r} was asked for")
            raise WorkerError(f"{self.name}: {error}")
        return message[key]

    def _end(self) -> str:
        """How a process ended that gave no answer."""
        status = self._process.wait()
        self._complaints.seek(0)
        complaints = self._complaints.read().decode(errors="replace").strip().splitlines()
        said = f": {complaints[-1]}" if complaints else ""
        return f"the worker gave no answer within {self.patience:g} s and ended with status {status}{said}"


def decode(numbers: str) -> list[float]:
    """What `workers.serve.encode` sent.

    >>> decode("AAAAAAAA4D8AAAAAAAAQwA==")
    [0.5, -4.0]
    """
    return array.array("d", base64.b64decode(numbers)).tolist()


def start(environment: Environment, cache: Path | None, workload: str, options: dict[str, Any]) -> Worker:
    """A worker that has prepared a workload of `benchmarks.workers` with the environment's library."""
    program = [str(environment.python(cache)), "-m", "workers.serve", workload, environment.name, json.dumps(options)]
    return Worker(environment.name, program, environment.variables())
