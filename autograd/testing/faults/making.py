"""How faults are put together: a wrong local derivative, a wrong transpose, a backward pass written by hand."""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

import numpy as np

from autograd.rule import _registry, primitive
from autograd.rules import Elementwise, Whole
from autograd.scalar_pull import bind_pull
from autograd.tensor import Tensor
from autograd.testing.faults.fault import Change, Trigger
from autograd.transforms import jvp

Array = Any
Changes = Callable[[], Sequence[Change]]

# ---- triggers -----------------------------------------------------------------------------------------------------


def of(function: Callable[..., Any], *inputs: Any) -> Callable[[], Trigger]:
    """A trigger with copies of some inputs."""
    return lambda: Trigger(function, tuple(copy.copy(x) for x in inputs))


def normal(*shape: int, seed: int = 0) -> Array:
    """Random numbers as a user would take them."""
    return np.random.default_rng([seed, *shape]).normal(size=shape)


def positive(*shape: int, seed: int = 0) -> Array:
    """Random numbers from 0.5 to 2.5."""
    return np.random.default_rng([seed, *shape]).uniform(0.5, 2.5, shape)


def nn_function(name: str) -> Callable[..., Any]:
    """A function of `nn.functional`, looked up when it is called: autograd imports nothing of nn."""

    def call(*args: Any, **options: Any) -> Any:
        return getattr(import_module("nn.functional"), name)(*args, **options)

    return call


# ---- changes of a primitive's rule --------------------------------------------------------------------------------


def local(name: str, argument: int, wrong: Any) -> Changes:
    """Another local derivative of an elementwise primitive: a function of ``(out, *arguments)``, or a constant.

    Labels and formulas of pictures go on to tell the right one where they are declared apart from the rule.
    """

    def changes() -> Sequence[Change]:
        rule: Any = primitive(name)
        locals = (*rule.locals[:argument], wrong, *rule.locals[argument + 1 :])
        found = [Change(rule, "locals", lambda right: (*right[:argument], wrong, *right[argument + 1 :]))]
        if type(rule) is Elementwise:  # whose scalar nodes have the local derivatives bound to a call
            found.append(Change(rule, "pull_value", lambda _: bind_pull(locals)))
        return found

    return changes


def altered(name: str, argument: int, change: Callable[..., Any]) -> Changes:
    """A local derivative that is a function of the right one: ``change(right, out, *arguments)``."""

    def changes() -> Sequence[Change]:
        right: Any = primitive(name).locals[argument]  # type: ignore[attr-defined]

        def wrong(out: Any, *arguments: Any, **params: Any) -> Any:
            value = right(out, *arguments, **params) if callable(right) else right
            return change(value, out, *arguments)

        return local(name, argument, wrong)()

    return changes


def attribute(name: str, which: str, wrong: Callable[[Any], Any]) -> Changes:
    """Another attribute of a primitive, such as its `weight` or `pull`, made of the right one."""
    return lambda: [Change(primitive(name), which, wrong)]


def transposed(name: str, argument: int, wrong: Callable[..., Any]) -> Changes:
    """Another transpose of a linear primitive: a function of ``(gradient, *arguments, **params)``."""

    def changes() -> Sequence[Change]:
        rule: Any = primitive(name)
        found = [Change(rule, "transposes", lambda right: [*right[:argument], wrong, *right[argument + 1 :]])]
        if rule.part is not None:  # a pass would add to the part in place, and never ask for the transpose
            found.append(Change(rule, "part", lambda _: None))
        return found

    return changes


def returned(name: str, argument: int, change: Callable[..., Any]) -> Changes:
    """A transpose whose right result is changed: ``change(contribution, *arguments)``."""

    def changes() -> Sequence[Change]:
        right: Any = primitive(name).transposes[argument]  # type: ignore[attr-defined]
        return transposed(name, argument, lambda g, *args, **params: change(right(g, *args, **params), *args))()

    return changes


# ---- changes of a function ----------------------------------------------------------------------------------------


def module_part(module: str, name: str, wrong: Callable[[Any], Any]) -> Changes:
    """Another function in one module."""
    return lambda: [Change(import_module(module), name, wrong)]


def everywhere(module: str, name: str, wrong: Callable[[Any], Any]) -> Changes:
    """Another function in place of one, under each name that autograd and nn have for it, methods too."""

    def changes() -> Sequence[Change]:
        right = getattr(import_module(module), name)
        replacement = wrong(right)
        owners = [each for key, each in sorted(sys.modules.items()) if key.split(".")[0] in ("autograd", "nn")]
        known: dict[int, Any] = {id(each): each for each in owners}
        for owner in owners:
            known.update(
                (id(each), each)
                for each in list(vars(owner).values())
                if isinstance(each, type) and each.__module__.split(".")[0] in ("autograd", "nn")
            )
        return [
            Change(owner, key, lambda _: replacement)
            for owner in known.values()
            for key, value in list(vars(owner).items())
            if value is right
        ]

    return changes


def by_hand(name: str, right: Callable[..., Any], back: Callable[..., Any]) -> Callable[..., Any]:
    """A function as one operation, with a backward pass of its own instead of that of its parts.

    Args:
        name: what a report calls the operation.
        right: the function, of Tensors and of arrays.
        back: (gradient, out, *arrays) -> the gradient of the first, or a list with one for each.
    """

    def forward(*arrays: Array) -> Array:
        return np.asarray(_raw(right(*arrays)))

    def pull(gradient: Any, out: Any, *arrays: Any, needed: Any) -> list[Any]:
        found = back(gradient, out, *arrays)
        return found if isinstance(found, list) else [found]

    def push(tangents: Any, out: Any, *arrays: Any) -> Any:
        filled = tuple(np.zeros_like(x) if t is None else np.asarray(t) for t, x in zip(tangents, arrays, strict=True))
        return _raw(jvp(right, arrays, filled)[1])

    held = _registry.get(name)
    rule = Whole(name, forward, pull, push)
    del _registry[name]  # the table of primitives is none of a fault's business
    if held is not None:
        _registry[name] = held
    return rule


def _raw(x: Any) -> Any:
    return getattr(x, "_data", x)


def is_tensor(x: Any) -> bool:
    """Faults of functions written by hand are those of Tensors; Values and arrays go the right way."""
    return isinstance(x, Tensor)


def spread(gradient: Array, x: Array, axis: Any) -> Array:
    """A gradient of a reduction's result, over the axes that were reduced."""
    axes = range(x.ndim) if axis is None else np.atleast_1d(axis) % x.ndim
    kept = [1 if place in axes else length for place, length in enumerate(x.shape)]
    return np.broadcast_to(gradient.reshape(kept), x.shape)
