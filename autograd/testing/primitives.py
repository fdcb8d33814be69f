"""`check_primitive`: a primitive's rules at inputs that fit it."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.rule import Primitive, primitive
from autograd.rules import Elementwise
from autograd.tensor import Tensor
from autograd.testing.arguments import several, tried
from autograd.testing.checking import check_grad
from autograd.testing.report import GradientReport
from autograd.value import Value

Array = Any


def check_primitive(
    name: str | Primitive,
    *inputs: Any,
    order: int = 1,
    explore: bool | str = True,
    raises: bool = True,
    seed: int = 0,
    **params: Any,
) -> GradientReport:
    """Hold a primitive's rules against differences; see `check_grad`.

    Args:
        name: the primitive, or its name.
        inputs: its arguments. Without them autograd's own structural primitives get arrays and parameters that fit;
            others get arrays that are found by trying: of numbers of both signs, of numbers between 0 and 1, symmetric.
        order: 2 checks the second derivatives too.
        explore: see `check_grad`.
        raises: see `check_grad`.
        seed: of the random numbers.
        params: the primitive's keyword parameters.

    Returns:
        The report, of arrays and, where the primitive takes them, of Values; the first that did not pass, if one did
        not.

    Raises:
        GradientError: a rule is wrong; an AssertionError.
        LookupError: no primitive has this name.
        ValueError: no inputs were given, and none were found that the primitive takes.

    Example:
        >>> check_primitive("tanh").verdict, check_primitive("concatenate", order=2).verdict
        ('pass', 'pass')
    """
    rule = primitive(name) if isinstance(name, str) else name
    options: dict[str, Any] = {"order": order, "explore": explore, "raises": raises, "seed": seed}
    if inputs:
        return check_grad(_applied(rule, params), *inputs, **options)
    if several(rule) and explore is True:
        options["explore"] = "values"  # the parameters belong to the shapes
    report: GradientReport | None = None
    for arguments in tried(rule, seed, params):
        apply = _applied(rule, arguments.params)
        if not _takes(apply, arguments.arrays):
            continue
        report = _both(apply, rule, arguments.arrays, options)
        if not report.passed or not several(rule):
            return report
    if report is None:
        raise ValueError(
            f"check_primitive: found no arrays that {rule.name} takes; give them: check_primitive({rule.name!r}, x, "
            f"..., axis=...)"
        )
    return report


def _applied(rule: Primitive, params: dict[str, Any]) -> Any:
    """The primitive with its parameters, as a function that a report can name."""

    def apply(*args: Any) -> Any:
        return rule(*args, **params)

    apply.__name__ = rule.name
    return apply


def _both(apply: Any, rule: Primitive, inputs: list[Array], options: dict[str, Any]) -> GradientReport:
    """The check of arrays, and of Values if the primitive takes them."""
    report = check_grad(apply, *inputs, **options)
    if not isinstance(rule, Elementwise) or not report.passed:
        return report
    values = [Value(float(array.flat[0])) for array in inputs]
    if not _takes_values(apply, values):
        return report
    of_values = check_grad(apply, *values, **options)
    return report if of_values.passed else of_values


def _takes_values(apply: Any, values: list[Any]) -> bool:
    try:
        return isinstance(apply(*values), Value)
    except Exception:  # a parameter that is an array
        return False


def _takes(apply: Any, inputs: list[Array]) -> bool:
    with np.errstate(all="ignore"):
        try:
            result = apply(*map(Tensor, inputs))
        except Exception:  # the primitive's own word
            return False
    return bool(np.isfinite(result._data).all()) and result._data.size > 0
