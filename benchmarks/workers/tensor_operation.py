"""One operation on small arrays, forward and backward: what a library's own bookkeeping costs beside the arithmetic."""

from __future__ import annotations

from .libraries import load
from .networks import Task, measured
from .work import Work

X = [0.5, -1.25, 2.0, 0.125]
W = [1.5, 0.75, -0.5, 3.0]
UPSTREAM = [1.0, -2.0, 0.5, 0.25]


def prepare(library: str, operation: str, mode: str = "eager") -> Work:
    """The work with one library: "multiply" is ``y = x * w``, "exp" is ``y = exp(x)``, float64."""
    own = load(library, mode)
    x, w = (own.array(each, (4,), "float64", True) for each in (X, W))
    upstream = own.array(UPSTREAM, (4,), "float64", False)
    if operation == "multiply":
        return measured(own, Task(lambda x, w: x * w, {"x": x, "w": w}, [], upstream, "y"))
    return measured(own, Task(own.exp, {"x": x}, [], upstream, "y"))
