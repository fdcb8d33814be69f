"""One operation on small arrays, forward and backward: what a library's own bookkeeping costs beside the arithmetic."""

from __future__ import annotations

import importlib
from typing import Any

from .work import Results, Work, timed

X = [0.5, -1.25, 2.0, 0.125]
W = [1.5, 0.75, -0.5, 3.0]
UPSTREAM = [1.0, -2.0, 0.5, 0.25]


def prepare(library: str, operation: str) -> Work:
    """The work in "gradwalk" or "torch": "multiply" is ``y = x * w``, "exp" is ``y = x.exp()``, float64."""
    if library == "torch":
        torch = importlib.import_module("torch")
        torch.set_num_threads(1)
        x, w = (torch.tensor(each, dtype=torch.float64, requires_grad=True) for each in (X, W))
        upstream = torch.tensor(UPSTREAM, dtype=torch.float64)
    else:
        tensor = importlib.import_module("autograd").Tensor
        x, w = (tensor(each, requires_grad=True) for each in (X, W))
        upstream = importlib.import_module("numpy").array(UPSTREAM)
    y: Any = None

    def multiply() -> None:
        nonlocal y
        x.grad = w.grad = None
        y = x * w
        y.backward(upstream)

    def exp() -> None:
        nonlocal y
        x.grad = None
        y = x.exp()
        y.backward(upstream)

    def results() -> Results:
        found = {"y": y.tolist() if library == "torch" else y.data.tolist(), "x.grad": x.grad.tolist()}
        if operation == "multiply":
            found["w.grad"] = w.grad.tolist()
        return found

    return Work(timed({"multiply": multiply, "exp": exp}[operation]), results)
