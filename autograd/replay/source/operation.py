"""One operation of a tape as templates see it, and the templates: its line of the forward pass and of the backward one.

A template is a format text or a function of an `Operation` that gives the text. The fields of a text are

{x} {y} {z}  the arguments          {g}  the upstream gradient, d(result)
{out}        the result             {d} {m}  both, of a reduction, with the reduced axes put back
and the primitive's parameters by name, such as {axis}.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from autograd.replay.source import literals
from autograd.replay.tape import Step


@dataclass(frozen=True)
class Operation:
    """A step with the names that its text uses.

    Attributes:
        step: the operation.
        args: the text of each argument.
        shapes: of each argument; () for Values.
        out: the result's name.
        shape: the result's shape.
        gradient: the name of the upstream gradient.
        name_of: the text of an array or `Given` among the parameters.
    """

    step: Step
    args: Sequence[str]
    shapes: Sequence[tuple[int, ...]]
    out: str
    shape: tuple[int, ...]
    gradient: str
    name_of: Callable[[Any], str]

    def param(self, name: str, default: Any = None) -> Any:
        """A parameter itself."""
        return self.step.params.get(name, default)

    def index(self) -> str:
        """The parameter `index`, as it stands between brackets."""
        return literals.index(self.param("index"), self.name_of)

    def index_object(self) -> str:
        """The parameter `index` as an argument of a function."""
        return f"np.s_[{self.index()}]"

    def reduced(self) -> str:
        """The arguments of a reduction: nothing, ``axis=(1,)``, ``axis=(1,), keepdims=True``."""
        axis, keepdims = self.param("axis"), self.param("keepdims", False)
        parts = [] if axis is None else [f"axis={axis[0] if len(axis) == 1 else axis}"]
        return ", ".join([*parts, "keepdims=True"] if keepdims else parts)

    def put_back(self, reduced: str) -> str:
        """The text of a reduced array with its reduced axes put back, so that it broadcasts against the argument."""
        axis = self.param("axis")
        if self.param("keepdims", False) or not self.shape or not self.step.params or axis == ():
            return reduced
        if axis is None:
            return reduced
        return f"np.expand_dims({reduced}, {axis[0] if len(axis) == 1 else axis})"

    def __getitem__(self, key: str) -> str:
        """A field of a template."""
        if key in ("x", "y", "z"):
            return self.args["xyz".index(key)]
        if key in ("out", "g"):
            return self.out if key == "out" else self.gradient
        if key in ("d", "m"):
            return self.put_back(self.gradient if key == "d" else self.out)
        if key == "index":
            return self.index()
        return literals.literal(self.step.params[key], self.name_of)


Text = str | Callable[[Operation], str]


class Template(NamedTuple):
    """How a primitive is written.

    Attributes:
        forward: the result.
        backward: each argument's contribution; None for one that is always 0. A function on its own, of the operation
            and the number of the argument, serves any number of arguments.
        kink: where the operation has no derivative, for the kink rule "raise"; empty if nowhere.
    """

    forward: Text
    backward: Sequence[Text | None] | Callable[[Operation, int], str]
    kink: str = ""

    def result(self, operation: Operation) -> str:
        """The text of the result."""
        return _written(self.forward, operation)

    def passes(self, argument: int) -> bool:
        """Whether a gradient comes to the argument at all."""
        return callable(self.backward) or self.backward[argument] is not None

    def contribution(self, operation: Operation, argument: int) -> str:
        """The text of what an argument receives."""
        if callable(self.backward):
            return self.backward(operation, argument)
        text = self.backward[argument]
        assert text is not None
        return _written(text, operation)


def _written(text: Text, operation: Operation) -> str:
    return text(operation) if callable(text) else text.format_map(_Fields(operation))


class _Fields(dict[str, str]):
    def __init__(self, operation: Operation) -> None:
        super().__init__()
        self.operation = operation

    def __missing__(self, key: str) -> str:
        return self.operation[key]
