"""Which work says what it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd
import nn
import nn.functional as F
import viz
from autograd import Tensor, Value, backward_trace, explain, nonfinite_origin, paths, progress, scalar_twin, scalarize
from autograd.replay import record, replay
from autograd.testing import Exercise, check_backward, check_by_hand, check_grad, check_primitive, grade


@pytest.fixture
def told(terminal: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the work that is begun from now on, where somebody looks."""
    told: list[str] = []
    monkeypatch.setattr(progress._teller, "show", lambda begun: told.append(begun._what))
    return told


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
    "differentiating": lambda folder: autograd.grad(lambda x: (x * x).sum())(np.ones(100_000)),
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
def test_what_may_take_long_is_told(words: str, told: list[str], tmp_path: Path) -> None:
    WORK[words](tmp_path)
    assert told[0] == words


def test_a_backward_pass_through_many_nodes_is_told(told: list[str]) -> None:
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


def test_a_program_with_many_numbers_to_compute_is_told(told: list[str]) -> None:
    of_arrays = record(lambda x: (x * x).sum(), np.ones(1_000))
    of_values = record(lambda x: x * x, Value(1.0))
    told.clear()
    for program, few, many in (
        (of_arrays, np.ones((400, 1_000)), np.ones((600, 1_000))),
        (of_values, 0.5, np.ones(600_000)),
    ):
        program.value_and_grad(few)
        assert told == []
        program.value_and_grad(many)
        assert told == ["running a program"] * 2  # forward and backward
        told.clear()


def test_a_row_of_a_matrix_of_derivatives_is_counted(terminal: Any, monkeypatch: pytest.MonkeyPatch) -> None:
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
    read: str, told: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    model, path = nn.Linear(2, 1), tmp_path / "kept.safetensors"
    if read == "from_onnx":
        path = _onnx(tmp_path)
    elif read == "load":
        nn.save(model, path)
    elif read == "load_checkpoint":
        nn.save_checkpoint(path, model=model)
    if read == "compiling":
        _compiled(monkeypatch, tmp_path)
    elif read == "load_checkpoint":
        nn.load_checkpoint(path, model=model)
    elif read == "load":
        nn.load(model, path)
    else:
        nn.from_onnx(path)
    assert read in told


def test_a_kernel_is_compiled_once_and_says_so(told: list[str]) -> None:
    numba = pytest.importorskip("numba", reason="compiled loops: pip install gradwalk[fast]")
    from autograd.replay.scalars.calculus import compile_for

    kernel = numba.njit(lambda x: x + 1.0)
    compile_for(kernel, (2.0,))
    assert len(kernel.signatures) == 1
    compile_for(kernel, (2.0,))
    assert told == ["compiling"]


def test_a_training_says_nothing_beside_its_bar_and_nothing_without_it(told: list[str], tmp_path: Path) -> None:
    _fit(progress=False, checkpoint=tmp_path / "all.safetensors")
    assert told == []
    _fit(progress=True, checkpoint=tmp_path / "all.safetensors")
    assert set(told) == {"evaluate", "save_checkpoint"}
