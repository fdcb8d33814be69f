"""`check_primitive`: a primitive's rules at inputs that fit it, found by trying."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.rule import Primitive, primitive
from autograd.rules import Elementwise
from autograd.tensor import Tensor
from autograd.testing.checking import check_grad
from autograd.testing.report import GradientReport
from autograd.value import Value

Array = Any


def check_primitive(
    name: str | Primitive, *inputs: Any, explore: bool | str = True, raises: bool = True, seed: int = 0, **params: Any
) -> GradientReport:
    """Hold a primitive's rules against differences; see `check_grad`.

    Args:
        name: the primitive, or its name.
        inputs: its arguments. Without them they are found by trying: arrays, or one array, of positive numbers, of
            numbers of both signs, of numbers between 0 and 1.
        explore: see `check_grad`.
        raises: see `check_grad`.
        seed: of the random numbers.
        params: the primitive's keyword parameters.

    Returns:
        The report, of arrays and, where the primitive takes them, of Values.

    Raises:
        GradientError: a rule is wrong; an AssertionError.
        LookupError: no primitive has this name.
        ValueError: no inputs were given, and none were found that the primitive takes.

    Example:
        >>> check_primitive("tanh").verdict
        'pass'
    """
    rule = primitive(name) if isinstance(name, str) else name

    def apply(*args: Any) -> Any:
        return rule(*args, **params)

    apply.__name__ = rule.name
    if inputs:
        return check_grad(apply, *inputs, explore=explore, raises=raises, seed=seed)
    for tried in _inputs(rule, seed):
        if _takes(apply, tried):
            return _both(apply, rule, tried, explore, raises, seed)
    raise ValueError(
        f"check_primitive: found no arrays that {rule.name} takes; give them: check_primitive({rule.name!r}, x, ..., "
        f"axis=...)"
    )


def _both(
    apply: Any, rule: Primitive, inputs: list[Array], explore: bool | str, raises: bool, seed: int
) -> GradientReport:
    report = check_grad(apply, *inputs, explore=explore, raises=raises, seed=seed)
    if not isinstance(rule, Elementwise) or not report.passed:
        return report
    values = [Value(float(array.flat[0])) for array in inputs]
    of_values = check_grad(apply, *values, explore=explore, raises=raises, seed=seed)
    return report if of_values.passed else of_values


def _inputs(rule: Primitive, seed: int) -> Iterator[list[Array]]:
    rng = np.random.default_rng(seed)
    counts = (rule.arity,) if isinstance(rule, Elementwise) else (1, 2, 3)
    for count in counts:
        for shape in ((3, 4), (4, 4), (4,), (2, 3, 4)):
            yield [rng.normal(size=shape) for _ in range(count)]
            yield [rng.uniform(0.2, 0.9, size=shape) for _ in range(count)]


def _takes(apply: Any, inputs: list[Array]) -> bool:
    with np.errstate(all="ignore"):
        try:
            result = apply(*map(Tensor, inputs))
        except Exception:  # the primitive's own word
            return False
    return bool(np.isfinite(result._data).all()) and result._data.size > 0
