"""What takes long says so where somebody looks, and nowhere else; the work is never the worse for it."""

from __future__ import annotations

import io
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import autograd
import nn
import nn.functional as F
import viz
from autograd import Tensor, Value, backward_trace, explain, nonfinite_origin, paths, progress, scalar_twin, scalarize
from autograd.progress import Progress, unsaid
from autograd.replay import record, replay
from autograd.testing import Exercise, check_backward, check_by_hand, check_grad, check_primitive, grade


class Terminal(io.StringIO):
    """A standard error at which somebody looks."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """With a line after twenty milliseconds, not after a second."""
    terminal = Terminal()
    monkeypatch.setattr(progress, "sys", SimpleNamespace(stderr=terminal))  # pytest sets the true one anew
    monkeypatch.setattr(progress, "_DELAY", 0.02)
    monkeypatch.setattr(progress, "_INTERVAL", 0.005)
    monkeypatch.delenv("GRADWALK_PROGRESS", raising=False)
    return terminal


def wait_for(terminal: Terminal, words: str) -> None:
    end = time.monotonic() + 20
    while words not in terminal.getvalue():
        assert time.monotonic() < end, f"{words!r} was not said, but {terminal.getvalue()!r}"
        time.sleep(0.002)


def test_the_work_and_how_far_it_is_are_said_and_taken_away(terminal: Terminal) -> None:
    with Progress("reading", total=4) as told:
        told.step("a.png")
        wait_for(terminal, "reading: a.png 0/4")
        told.step("b.png")
        told.step("c.png")
        wait_for(terminal, "reading: c.png 2/4")
    last = terminal.getvalue().rstrip("\r").rpartition("\r")[2]
    assert last.isspace()
    said = terminal.getvalue()
    time.sleep(0.05)
    assert terminal.getvalue() == said


def test_work_without_a_known_end_says_what_it_does(terminal: Terminal) -> None:
    with Progress("draw") as told:
        wait_for(terminal, "draw [0:00]")
        told.step("folding")
        wait_for(terminal, "draw: folding [0:00]")


def test_the_outermost_speaks_and_then_the_next(terminal: Terminal) -> None:
    with Progress("outer"):
        with Progress("inner"):
            wait_for(terminal, "outer")
        assert "inner" not in terminal.getvalue()
        time.sleep(0.05)
    with Progress("next"):
        wait_for(terminal, "next")
    assert "inner" not in terminal.getvalue()


def test_work_that_is_to_be_silent_is(terminal: Terminal) -> None:
    with unsaid(), Progress("inner"):
        time.sleep(0.1)
    assert terminal.getvalue() == ""
    with Progress("after it"):
        wait_for(terminal, "after it")


def test_short_work_says_nothing(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_DELAY", 60.0)
    with Progress("short"):
        time.sleep(0.1)
    assert terminal.getvalue() == ""


def test_nothing_is_said_where_nobody_looks(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "isatty", lambda: False)
    with Progress("unseen"):
        time.sleep(0.1)
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setenv("GRADWALK_PROGRESS", "0")
    with Progress("unwanted"):
        time.sleep(0.1)
    monkeypatch.delenv("GRADWALK_PROGRESS")
    monkeypatch.setattr(progress.sys, "stderr", None)  # as under pythonw
    with Progress("unseen"):
        pass
    assert terminal.getvalue() == ""


def test_a_notebook_is_looked_at(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = type("OutStream", (io.StringIO,), {"__module__": "ipykernel.iostream"})()
    monkeypatch.setattr(progress.sys, "stderr", stream)
    with Progress("cell"):
        wait_for(stream, "cell")
    assert terminal.getvalue() == ""


def test_an_error_passes_and_takes_the_line_with_it(terminal: Terminal) -> None:
    def fail() -> None:
        with Progress("failing"):
            wait_for(terminal, "failing")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert terminal.getvalue().rstrip("\r").rpartition("\r")[2].isspace()
    with Progress("after it"):
        wait_for(terminal, "after it")


def test_work_goes_on_where_nothing_can_be_written(terminal: Terminal) -> None:
    with Progress("closed"):
        terminal.close()
        time.sleep(0.1)
    assert terminal.closed
    with Progress("closed"):
        pass


def test_a_forked_process_has_a_voice_of_its_own() -> None:
    pytest.importorskip("fcntl", reason="not on this platform: fork")
    program = (
        "import os, sys, time\n"
        "from autograd import progress\n"
        "progress._DELAY = 0.01\n"
        "class Terminal(type(sys.stderr)):\n    isatty = lambda self: True\n"
        "sys.stderr = Terminal(sys.stderr.buffer, 'utf-8', write_through=True)\n"
        "with progress.Progress('parent'):\n"
        "    time.sleep(0.5)\n"
        "    child = os.fork()\n"
        "    if not child:\n"
        "        with progress.Progress('child'):\n            time.sleep(1.0)\n"
        "        os._exit(0)\n"
        "    assert os.waitpid(child, 0)[1] == 0\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert "parent" in ran.stderr
    assert "child" in ran.stderr


def _net() -> tuple[Any, Any]:
    w = Tensor([[1.0, -2.0], [0.5, 3.0]], requires_grad=True)
    return (w @ w).sum(), w


def _grade() -> None:
    x = np.array([1.0, 2.0])
    grade({"f": lambda x: x * x, "f_back": lambda dout, x: 2 * x * dout}, [Exercise("f", (x,), lambda x: x * x)])


def _load_images(folder: Path) -> None:
    image = pytest.importorskip("PIL.Image", reason="Pillow reads pictures: pip install gradwalk[images]")
    image.new("RGB", (3, 2)).save(folder / "a.png")
    nn.load_images(folder)


def _by_hand() -> None:
    w = Value(2.0, "w")
    check_by_hand(w * w, {"w": 4.0})


def _backward() -> None:
    x = Tensor(np.ones(100_000), requires_grad=True)
    (x * x).sum().backward()


def _idx(folder: Path) -> None:
    (folder / "two").write_bytes(b"\0\0\x08\x01\0\0\0\x02" + b"ab")
    nn.load_idx(folder / "two")


def _onnx(folder: Path) -> Path:
    pytest.importorskip("onnx", reason="models in ONNX: pip install gradwalk[onnx]")
    nn.to_onnx(nn.Linear(2, 1), folder / "linear.onnx", (2,))
    return folder / "linear.onnx"


def _torch() -> None:
    torch = pytest.importorskip("torch", reason="to convert from: pip install gradwalk[torch]")
    nn.from_torch(torch.nn.Linear(2, 1))


def _compiled(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    pytest.importorskip("numba", reason="compiled loops: pip install gradwalk[fast]")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(folder))
    record(lambda x: x @ x, np.eye(2), backend="numba")(np.eye(2))


def _fit(progress: bool = False, checkpoint: Path | None = None) -> None:
    model = nn.Sequential(*(nn.Linear(2, 2) for _ in range(40)))
    batches = [(np.ones((3, 2)), np.zeros((3, 2)))]
    nn.fit(
        model, batches, epochs=2, validation=batches, loss=F.mse_loss, progress=progress, checkpoint=checkpoint,
        optimizer=nn.SGD(model.parameters(), lr=0.1),
    )  # fmt: skip


WORK: dict[str, Callable[[Path], object]] = {
    "draw": lambda folder: viz.draw(_net()[0]),
    "play": lambda folder: viz.play(_net()[0]),
    "checking sum": lambda folder: check_grad(np.sum, np.array([1.0, 2.0])),
    "checking <lambda>": lambda folder: check_backward(lambda x: x, lambda dout, x: dout, np.array([1.0, 2.0])),
    "checking exp": lambda folder: check_primitive("exp"),
    "grading": lambda folder: _grade(),
    "check_by_hand": lambda folder: _by_hand(),
    "check_gradients": lambda folder: nn.check_gradients(nn.Linear(2, 1), np.ones((3, 2))),
    "load_images": _load_images,
    "explain": lambda folder: explain(*_net()),
    "paths": lambda folder: paths(*_of_one()),
    "scalarize": lambda folder: scalarize(_net()[0]),
    "scalar_twin": lambda folder: scalar_twin(_net()[0]),
    "backward_trace": lambda folder: backward_trace(_net()[0]),
    "nonfinite_origin": lambda folder: nonfinite_origin(_net()[0]),
    "record": lambda folder: record(lambda x: x * 2.0, np.array([1.0])),
    "replay": lambda folder: replay(_net()[0]),
    "backward": lambda folder: _backward(),
    "differentiating": lambda folder: autograd.grad(lambda x: x * x)(2.0),
    "jacobian": lambda folder: autograd.jacobian(lambda x: x * x)(np.ones(2)),
    "hessian": lambda folder: autograd.hessian(lambda x: (x * x).sum())(np.ones(2)),
    "evaluate": lambda folder: nn.evaluate(nn.ReLU(), [(np.ones(2), np.ones(2))], loss=F.mse_loss),
    "save": lambda folder: nn.save(nn.Linear(2, 1), folder / "w.safetensors"),
    "save_checkpoint": lambda folder: nn.save_checkpoint(folder / "all.safetensors", model=nn.Linear(2, 1)),
    "load_idx": _idx,
    "to_onnx": _onnx,
    "from_torch": lambda folder: _torch(),
}


def _of_one() -> tuple[Any, Any]:
    loss, w = _net()
    return loss, w[0, 1]


@pytest.mark.parametrize("words", WORK)
def test_what_may_take_long_is_told(
    words: str, terminal: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told: list[str] = []
    monkeypatch.setattr(progress._teller, "show", lambda begun: told.append(begun._what))
    WORK[words](tmp_path)
    assert told[1 if words == "hessian" else 0] == words  # whose gradient is taken first


def test_a_backward_pass_through_many_nodes_is_told(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(progress._teller, "show", lambda begun: told.append(begun._what))
    for leaf, few, many in ((Value(2.0), 4_000, 10_000), (Tensor(2.0, requires_grad=True), 63, 64)):
        told.clear()
        _chain(leaf, few).backward()
        assert told == []
        _chain(leaf, many).backward()
        assert told == ["backward"]


def _chain(node: Any, length: int) -> Any:
    for _ in range(length):
        node = node * 0.5
    return node


def test_a_row_of_a_matrix_of_derivatives_is_counted(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []
    pull_back = autograd.transforms.pull_back

    def listened(*args: Any) -> Any:
        lines.append(progress._teller.shown._line(0) if progress._teller.shown else "")
        return pull_back(*args)

    monkeypatch.setattr("autograd.transforms.pull_back", listened)
    autograd.jacobian(lambda x: x * x)(np.ones((3, 1)))
    assert lines == ["jacobian: row 0/3 [0:00]", "jacobian: row 1/3 [0:00]", "jacobian: row 2/3 [0:00]"]


@pytest.mark.parametrize("read", ["load", "load_checkpoint", "from_onnx", "compiling"])
def test_reading_and_compiling_are_told(
    read: str, terminal: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    model, path = nn.Linear(2, 1), tmp_path / "kept.safetensors"
    if read == "from_onnx":
        path = _onnx(tmp_path)
    elif read == "load":
        nn.save(model, path)
    elif read == "load_checkpoint":
        nn.save_checkpoint(path, model=model)
    told: list[str] = []
    monkeypatch.setattr(progress._teller, "show", lambda begun: told.append(begun._what))
    if read == "compiling":
        _compiled(monkeypatch, tmp_path)
    elif read == "load_checkpoint":
        nn.load_checkpoint(path, model=model)
    elif read == "load":
        nn.load(model, path)
    else:
        nn.from_onnx(path)
    assert read in told


def test_a_kernel_is_compiled_once_and_says_so(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    numba = pytest.importorskip("numba", reason="compiled loops: pip install gradwalk[fast]")
    from autograd.replay.scalars.calculus import compile_for

    told: list[str] = []
    monkeypatch.setattr(progress._teller, "show", lambda begun: told.append(begun._what))
    kernel = numba.njit(lambda x: x + 1.0)
    compile_for(kernel, (2.0,))
    assert len(kernel.signatures) == 1
    compile_for(kernel, (2.0,))
    assert told == ["compiling"]


def test_a_training_says_nothing_beside_its_bar_and_nothing_without_it(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told: list[str] = []
    monkeypatch.setattr(progress._teller, "show", lambda begun: told.append(begun._what))
    _fit(progress=False, checkpoint=tmp_path / "all.safetensors")
    assert told == []
    _fit(progress=True, checkpoint=tmp_path / "all.safetensors")
    assert set(told) == {"evaluate", "save_checkpoint"}
