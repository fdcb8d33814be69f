"""The marker `grad`: one call of the test for each function whose derivative it is to check."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np
import pytest

from autograd.testing.plugin.checks import Checks
from autograd.testing.report import GradientReport

__all__ = ["GradCase", "parametrize"]


class GradCase:
    """A function at an input, as a marker `grad` names it: what the fixture `grad_case` is.

    Args:
        f: the function; a pair of a forward and a backward written by hand; or an adapter's.
        inputs: its arguments, as `check_grad` takes them.
        keywords: its keyword arguments, which are held fixed.

    Example:
        >>> import numpy as np
        >>> from autograd import logsumexp
        >>> GradCase(logsumexp, (np.ones((3, 4)),), {"axis": 1}).name
        'logsumexp-3x4-axis=1'
    """

    def __init__(self, f: Any, inputs: Sequence[Any], keywords: dict[str, Any]) -> None:
        self.f = f
        self.inputs = tuple(inputs)
        self.keywords = keywords
        self._checks: Checks | None = None

    def within(self, checks: Checks) -> GradCase:
        """The same case, checked in a test."""
        case = GradCase(self.f, self.inputs, self.keywords)
        case._checks = checks
        return case

    @property
    def name(self) -> str:
        """The function, the shapes of its inputs and its keywords, as they stand in the test's id."""
        first = self.f[0] if isinstance(self.f, tuple) else self.f
        settings = [f"{key}={_short(each)}" for key, each in self.keywords.items()]
        return "-".join([_name_of(first).strip("<>"), *map(_short, self.inputs), *settings])

    def check(self, **options: Any) -> GradientReport:
        """Check the derivative.

        Args:
            options: those of `check_grad`, or for a pair of `check_backward`.

        Raises:
            GradientError: it is wrong.
        """
        __tracebackhide__ = True
        if self._checks is None:
            raise RuntimeError("grad_case: checks within a test; take the fixture `grad_case` as an argument of it")
        if isinstance(self.f, tuple):
            forward, backward = self.f
            return self._checks.check_backward(self._with_keywords(forward), backward, *self.inputs, **options)
        return self._checks.check_grad(self._with_keywords(self.f), *self.inputs, **options)

    def _with_keywords(self, f: Any) -> Any:
        return _partial(f, self.keywords) if self.keywords else f

    def __repr__(self) -> str:
        return f"<grad case {self.name}>"


def _partial(f: Callable[..., Any], keywords: dict[str, Any]) -> Callable[..., Any]:
    """The function with keywords given, under a name that can be pasted."""

    @wraps(f, updated=())
    def called(*args: Any) -> Any:
        return f(*args, **keywords)

    settings = ", ".join(f"{key}={each!r}" for key, each in keywords.items())
    called.__name__ = f"partial({_name_of(f)}, {settings})"
    return called


def _name_of(f: Any) -> str:
    return str(getattr(f, "__name__", "") or getattr(f, "name", type(f).__name__))


def _short(given: Any) -> str:
    """An argument in an id: the shape of an array, and its dtype where that is not float64; a number or word itself."""
    data = getattr(given, "_data", given)
    if isinstance(data, np.ndarray):
        shape = "x".join(map(str, data.shape)) or "scalar"
        return shape if data.dtype == np.float64 else f"{shape}:{data.dtype}"
    if isinstance(data, float):
        return f"{data:g}"
    if isinstance(data, list | tuple):
        return f"({','.join(map(_short, data))})"
    return str(data) if isinstance(data, int | str | None) else _name_of(data)


def parametrize(metafunc: pytest.Metafunc) -> None:
    """Call the test once for each marker, from the top down.

    A marker that names no function with inputs, one at a test that takes no `grad_case`, and a `grad_case` without a
    marker are errors of the collection.
    """
    test = metafunc.definition
    marks = [mark for node, mark in test.iter_markers_with_node("grad") if node is not test]
    marks += reversed([mark for node, mark in test.iter_markers_with_node("grad") if node is test])
    if "grad_case" not in metafunc.fixturenames:
        pytest.fail(
            f"{test.name}: is marked with `grad`, so it must take `grad_case`, and call its check()", pytrace=False
        )
    if not marks:
        pytest.fail(
            f"{test.name}: takes `grad_case`, so it must be marked: @pytest.mark.grad(f, *inputs, **keywords)",
            pytrace=False,
        )
    cases = [_case(mark, test.name) for mark in marks]
    ids = [mark.kwargs.get("id") or case.name for mark, case in zip(marks, cases, strict=True)]
    metafunc.parametrize("grad_case", cases, ids=ids, indirect=True)


def _case(mark: pytest.Mark, test: str) -> GradCase:
    f, *inputs = mark.args or (None,)
    pair = isinstance(f, tuple) and len(f) == 2 and callable(f[0]) and (callable(f[1]) or f[1] is None)
    if not inputs or not (pair or callable(f) or hasattr(f, "subject")):
        pytest.fail(
            f"{test}: @pytest.mark.grad{mark.args!r} names no function with inputs; write "
            f"@pytest.mark.grad(f, x), or for a pair @pytest.mark.grad((forward, backward), x)",
            pytrace=False,
        )
    return GradCase(f, inputs, {key: each for key, each in mark.kwargs.items() if key != "id"})
