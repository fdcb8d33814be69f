"""What is asked of a student: a function and its backward pass, with inputs and points."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from autograd.testing.structure import Structure, parameter_names

Array = Any

VALUE, CONTRACTS = "value", "contracts"
_BACKS = ("_back", "_backward")


@dataclass(frozen=True)
class Exercise:
    """One function to write, and its backward pass.

    Its parts are ``value``, the gradient of each input by the input's name, and ``contracts``: what every backward pass
    owes, such as leaving its inputs as they are.

    Args:
        name: the forward function's.
        inputs: its arguments, in a tuple: arrays, numbers, and whatever else it takes.
        reference: the same function, right. It returns what is differentiated, without a cache; its parameters' names
            name the parts.
        points: for all parts together, shared out evenly; or for each part by its name, 0 for those left out.
        back: the backward function's name; `name` with ``_back`` or ``_backward`` behind it unless given, and for
            ``foo_forward`` also ``foo_backward``.
        wrt: the inputs whose gradients are asked for, by name; all that hold floats unless given.
        cache: whether the function returns (output, cache) and its backward takes (dout, cache); told from the
            parameters' names unless given. See `autograd.testing.check_backward`.
        gives_gradients: whether there is no backward function: the function returns (loss, gradient, ...).
        more: further arguments, each in a tuple, at which all parts have to be right too.
        explore: whether other numbers in the same shapes are tried, too: zeros, ties, large and small ones.

    Raises:
        TypeError: `inputs`, or one of `more`, is no tuple, or the reference is no function.
        ValueError: points are less than 0 or no number, or are given for a part that there is not.

    Example:
        >>> Exercise("double", (np.array([1.0, -2.0]),), lambda x: 2 * x, points=3).shares
        {'value': 1.0, 'x': 1.0, 'contracts': 1.0}
    """

    name: str
    inputs: tuple[Any, ...]
    reference: Callable[..., Any]
    points: float | Mapping[str, float] = 1.0
    back: str = ""
    wrt: Sequence[str] | None = None
    cache: bool | None = None
    gives_gradients: bool = False
    more: Sequence[tuple[Any, ...]] = ()
    explore: bool = True

    def __post_init__(self) -> None:
        if not callable(self.reference):
            raise TypeError(f"Exercise {self.name!r}: the reference is {self.reference!r}; give the right function")
        for given in self.cases:
            if not isinstance(given, tuple):
                raise TypeError(
                    f"Exercise {self.name!r}: inputs are a tuple of arguments, not {type(given).__name__}; write "
                    f"(x,) for one"
                )
        if isinstance(self.wrt, str):
            raise TypeError(f"Exercise {self.name!r}: wrt is a list of names; write [{self.wrt!r}]")
        self.shares  # noqa: B018  points that do not fit are an error here, not while students are graded

    @property
    def cases(self) -> list[tuple[Any, ...]]:
        """Every tuple of arguments."""
        return [self.inputs, *self.more]

    @cached_property
    def gradients(self) -> dict[str, int]:
        """The inputs whose gradients are asked for: name -> place among the arguments."""
        leaves = Structure(self.reference, self.inputs, self.wrt).leaves
        places = {name: place for place, name in enumerate(parameter_names(self.reference, len(self.inputs)))}
        return {name: places[name] for name in places if any(leaf.label.split("[")[0] == name for leaf in leaves)}

    @property
    def parts(self) -> list[str]:
        """Every part, in order."""
        return [VALUE, *self.gradients, CONTRACTS]

    @cached_property
    def shares(self) -> dict[str, float]:
        """The points of each part."""
        parts = self.parts
        if not isinstance(self.points, Mapping):
            return dict.fromkeys(parts, self._counted(self.points) / len(parts))
        unknown = [part for part in self.points if part not in parts]
        if unknown:
            raise ValueError(f"Exercise {self.name!r}: there is no part {unknown[0]!r}; it has {', '.join(parts)}")
        return {part: self._counted(self.points.get(part, 0.0)) for part in parts}

    def _counted(self, points: Any) -> float:
        number = float(points)
        if not 0 <= number < math.inf:
            raise ValueError(f"Exercise {self.name!r}: {points!r} points; give a number from 0 on")
        return number

    @property
    def backs(self) -> list[str]:
        """What the backward function may be called."""
        if self.back:
            return [self.back]
        stem = self.name.removesuffix("_forward")
        return list(dict.fromkeys(name + end for name in (self.name, stem) for end in _BACKS))

    @cached_property
    def expected(self) -> list[Array]:
        """The right values, one array for each case.

        Raises:
            ValueError: the reference does not take the inputs.
        """
        try:
            with np.errstate(all="ignore"):
                return [np.asarray(self.reference(*copy.deepcopy(case)), dtype=np.float64) for case in self.cases]
        except Exception as error:
            raise ValueError(
                f"Exercise {self.name!r}: the reference does not take the inputs, or returns no array: "
                f"{type(error).__name__}: {error}"
            ) from error
