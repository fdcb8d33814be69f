"""A recorded function, called again on other numbers: does it record the same program?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np

from autograd.errors import GraphError
from autograd.node import is_recording
from autograd.observed import Plain, observing
from autograd.recording import enable_grad
from autograd.replay.arguments import Argument, of_integers
from autograd.replay.tape import Input, Tape
from autograd.replay.writing import write_tape
from autograd.tensor import Tensor
from autograd.value import Value


def traced(function: Callable[..., Any], arguments: Sequence[Argument]) -> Tape:
    """The tape of one call of the function."""
    with nullcontext() if is_recording() else enable_grad(), observing() as guards:
        result = function(*(each.given for each in arguments))
    several = isinstance(result, tuple | list) and len(result) > 0
    roots = tuple(result) if several else (result,)
    return write_tape(
        roots,
        inputs=[(each.input, each.leaves) for each in arguments],
        guards=guards,
        several=several,
    )


# By how much the inputs move, relative to themselves: the first moves any number, and hardly leaves a logarithm's
# domain; the others try not to cross a threshold by which Python decides, on either side.
_VARIATIONS = (0.1, 1e-3, -1e-3, 1e-6, -1e-6)


def check_again(function: Callable[..., Any], arguments: Sequence[Argument], first: Tape) -> None:
    """Raise `GraphError` where the function, on other inputs, does something else unguarded."""
    slight = (lambda amount=amount: [_varied(each, amount) for each in arguments] for amount in _VARIATIONS)
    found = any(_agrees(function, varied, first) for varied in slight)
    if not _agrees(function, lambda: [_opposite(each) for each in arguments], first) and not found:
        raise GraphError(
            "record: every slight change of the inputs changes a decision of the recorded function, or makes it raise "
            "an error, so that it cannot be checked; record it for inputs that lie less on the edge, or say check=False"
        )


def _agrees(function: Callable[..., Any], varied: Callable[[], list[Argument]], first: Tape) -> bool:
    """Whether the function decides alike on other inputs, and then records the same program; else it raises."""
    try:
        second = traced(function, varied())
    except GraphError:
        raise
    except Exception:  # numbers outside the function's domain say nothing
        return False
    if _decisions(first) != _decisions(second):
        return False
    _compare(first, second)
    return True


def _decisions(tape: Tape) -> list[Any]:
    """How Python decided, in order. A guard of a number itself, which Python may have computed with, is none."""
    decisions = []
    for guard in tape.guards:
        rule = _rule(tape, guard.place)
        if isinstance(rule, Plain) and (guard.expected.dtype == bool or tape.kind == "value"):
            decisions.append(guard.expected.tolist())
    return decisions


def _varied(argument: Argument, variation: float) -> Argument:
    """The argument with other numbers: what is to be differentiated moves a little, and data, which may have to be 0 or
    1, or the number of a class, changes places."""
    rng = np.random.default_rng(0)
    return _with_data(argument, [_moved(leaf, argument.input, variation, rng) for leaf in argument.leaves])


def _opposite(argument: Argument) -> Argument:
    """The argument with what is to be differentiated negated, and data as it was."""
    sign = -1.0 if argument.input.differentiable else 1.0
    return _with_data(argument, [sign * leaf._data if sign < 0 else leaf._data for leaf in argument.leaves])


def _with_data(argument: Argument, data: list[Any]) -> Argument:
    """The argument with fresh leaves of other data."""
    if argument.input.kind == "integers":
        return of_integers(data[0], argument.input)
    fresh = [_leaf_like(leaf, each) for leaf, each in zip(argument.leaves, data, strict=True)]
    if argument.input.kind != "values":
        return argument._replace(given=fresh[0], leaves=tuple(fresh))
    boxed = np.empty(len(fresh), dtype=object)
    boxed[:] = fresh
    boxed = boxed.reshape(argument.input.shape)
    given = boxed if isinstance(argument.given, np.ndarray) else boxed.tolist()
    return argument._replace(given=given, leaves=tuple(fresh))


def _moved(leaf: Any, spec: Input, variation: float, rng: np.random.Generator) -> Any:
    data = leaf._data
    if spec.kind == "integers":
        span = int(data.max()) - spec.least + 1 if data.size else 1
        return (spec.least + (np.arange(data.size) + 1) % span).reshape(data.shape).astype(data.dtype)
    if not spec.differentiable and spec.kind == "tensor":
        return data.reshape(-1)[::-1].reshape(data.shape)
    amount = variation * rng.uniform(0.5, 1.0, size=np.shape(data))
    return data * (1.0 + amount) + np.where(data == 0, np.abs(amount), 0.0)


def _leaf_like(leaf: Any, data: Any) -> Any:
    if isinstance(leaf, Value):
        return Value(float(data), label=leaf.name)
    return Tensor(np.asarray(data, dtype=leaf.dtype), requires_grad=True, name=leaf.name)


def _compare(first: Tape, second: Tape) -> None:
    """Raise `GraphError` where two recordings of one function are not the same program."""
    if len(first) != len(second):
        raise GraphError(
            f"record: the function recorded {len(first)} nodes for these inputs and {len(second)} for slightly "
            f"different ones, so what it does depends on their numbers, and a program could not follow. Choose with "
            f"where, maximum or relu, which choose anew in each run"
        )
    arguments = first.arguments_of_each(), second.arguments_of_each()
    for place in range(len(first)):
        same = arguments[0][place] == arguments[1][place]
        difference = _difference(first, second, place) if same else "had other arguments"
        if difference:
            raise GraphError(
                f"record: {first.label(place)} {difference} when the function ran again on slightly different inputs. "
                f"It was computed outside the graph from their numbers, or drawn at random, and would stay the same in "
                f"every later run. Compute it from nodes, make it an input, or say check=False if it shall stay"
            )


def _difference(first: Tape, second: Tape, place: int) -> str:
    if _rule(first, place) != _rule(second, place):
        return f"became {second.label(place)}"
    if not _same(first.constants.get(place), second.constants.get(place)):
        return "held another constant"
    if first.leaves.get(place) is not second.leaves.get(place):
        return "was a leaf made anew"
    if first.shapes and first.shapes[place] != second.shapes[place]:
        return f"had the shape {second.shapes[place]} instead of {first.shapes[place]}"
    own, other = first.params.get(place, {}), second.params.get(place, {})
    for name in own.keys() | other.keys():
        if not _same(own.get(name), other.get(name)):
            return f"had another parameter {name!r}"
    return ""


def _rule(tape: Tape, place: int) -> Any:
    code = int(tape.codes[place])
    return tape.rules[code] if code >= 0 else code


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return np.shape(a) == np.shape(b) and bool(np.array_equal(a, b, equal_nan=np.asarray(a).dtype.kind == "f"))
    if a.__class__ is tuple and b.__class__ is tuple:
        return len(a) == len(b) and all(map(_same, a, b))
    return bool(a == b) or (a != a and b != b)
