"""Every public function refuses what it cannot do, and the error names it, the shapes or values, and the remedy."""

from __future__ import annotations

import inspect
import re

import numpy as np
import pytest

import autograd as ag
from autograd import DTypeError, GraphError, ShapeError, Tensor
from autograd import functions as F
from autograd.errors import KinkError, MutationError
from tests.autograd.error_table import BINARY, UNARY, X, of
from tests.autograd.error_table import TABLE as FIRST
from tests.autograd.error_table_arrays import TABLE as SECOND
from tests.autograd.error_table_by_hand import TABLE as OF_HAND_WORK
from tests.autograd.error_table_paths import TABLE as OF_PATHS
from tests.autograd.error_table_steps import TABLE as OF_STEPS

TABLE = FIRST | SECOND | OF_PATHS | OF_STEPS | OF_HAND_WORK

# Without arguments to refuse, or no functions at all.
NOTHING_TO_REFUSE = {
    "no_grad",
    "enable_grad",
    "collector_paused",
    "record_source",
    "primitives",
    "Node",
    "Primitive",
    "Kink",
    "Scope",
    "Source",
    "Derivation",
    "Ledger",
    "Path",
    "ScalarTwin",
    "Trace",
}


def public() -> set[str]:
    """The public functions and classes of the engine, by introspection."""
    found = {name for name in ag.__all__ if callable(getattr(ag, name))} | set(F.__all__) | set(F.linalg.__all__)
    found -= {"linalg", "SlogdetResult"}  # a module, and a pair of results
    return {name for name in found if not (inspect.isclass(of(name)) and issubclass(of(name), Exception))}


def test_every_public_function_is_in_the_table() -> None:
    """A function made public tomorrow fails here until its errors are listed."""
    assert public() == set(TABLE) | NOTHING_TO_REFUSE


@pytest.mark.parametrize("name, place", [(name, place) for name, rows in TABLE.items() for place in range(len(rows))])
def test_error_names_the_function_and_what_is_wrong(name: str, place: int) -> None:
    call, kinds, pattern = TABLE[name][place]
    with np.errstate(all="ignore"), pytest.raises(kinds) as caught:
        call()
    assert re.search(pattern, str(caught.value), re.DOTALL), f"{caught.value} does not match {pattern}"


@pytest.mark.parametrize("name", [*UNARY, *BINARY])
def test_integers_among_constants_are_fine_and_as_variables_refused(name: str) -> None:
    numbers = np.array([1, 2, 3])
    extra = () if name in UNARY else (numbers,)
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(of(name)(numbers, *extra), of(name)(numbers.astype(float), *extra))
    with pytest.raises(DTypeError, match=r"1.0"):
        of(name)(Tensor(numbers), *extra)


def test_errors_are_what_numpys_users_would_catch() -> None:
    assert issubclass(ShapeError, ValueError)
    assert issubclass(DTypeError, TypeError)
    assert issubclass(GraphError, RuntimeError)
    assert issubclass(MutationError, RuntimeError)
    assert issubclass(KinkError, ArithmeticError)


def test_failed_call_leaves_nothing_behind() -> None:
    """An error inside a scope or a composed function closes what it opened."""
    for call in (lambda: X @ X, lambda: ag.stack([X, np.ones(3)]), lambda: F.std(X, axis=7), lambda: ag.einsum("i", X)):
        with pytest.raises(ShapeError):
            call()
        assert (X * 2.0).scope == ""
