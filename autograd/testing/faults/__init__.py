"""The fault lab: mistakes in our own calculus, each to be switched on, found, understood and switched off.

    with fault("forget_unbroadcast"):
        check_grad(lambda x, bias: x + bias, x, bias)    # says that it is wrong, where, and what it looks like

`catalogue` lists them, with the story of who had each. `mystery` switches one on without saying which. The engine pays
nothing for it: while a fault is on, a rule, a function or a method is replaced from outside, and then the right one is
put back.

A fault is on for the whole process, other threads too, and one thread alone may switch. Two things outlive it: graphs
that a replaced function made, such as those of `nn.functional.softmax`, and recorded programs that were compiled from a
wrong rule. A name that was imported before (``from nn.functional import softmax``) means the right function always.
"""

from __future__ import annotations

import difflib
from contextlib import AbstractContextManager
from functools import lru_cache

from autograd.testing.faults import contractions, elementwise, networks, numerics, reductions, structural, walk
from autograd.testing.faults.fault import Fault, Trigger
from autograd.testing.faults.mystery import Mystery, hidden
from autograd.testing.faults.switching import active, switched_on

__all__ = ["FAMILIES", "Fault", "Mystery", "Trigger", "active", "catalogue", "fault", "find", "mystery"]

_SOURCES = (elementwise, structural, reductions, contractions, walk, networks, numerics)
FAMILIES: tuple[str, ...] = tuple(source.__name__.rpartition(".")[2] for source in _SOURCES)


@lru_cache(maxsize=1)
def _all() -> dict[str, Fault]:
    return {each.name: each for source in _SOURCES for each in source.FAULTS}


def catalogue(family: str | None = None) -> tuple[Fault, ...]:
    """Every fault, or those of one family, in the order of the files.

    Raises:
        LookupError: there is no such family.

    Example:
        >>> [each.name for each in catalogue("walk")][:2]
        ['overwritten_gradient', 'duplicated_parent_dropped']
    """
    if family is not None and family not in FAMILIES:
        raise LookupError(f"catalogue: no family is named {family!r}; there are {', '.join(FAMILIES)}")
    return tuple(each for each in _all().values() if family in (None, each.family))


def find(name: str) -> Fault:
    """The fault of a name.

    Raises:
        LookupError: there is none.

    Example:
        >>> find("cos_without_minus").title
        'The derivative of cos is taken to be sin.'
    """
    try:
        return _all()[name]
    except KeyError:
        near = difflib.get_close_matches(name, _all(), n=3)
        advice = f"did you mean {' or '.join(map(repr, near))}?" if near else "see catalogue()"
        raise LookupError(f"fault: none is named {name!r}; {advice}") from None


def fault(name: str | Fault) -> AbstractContextManager[Fault]:
    """Switch a fault on inside a `with` block; afterwards the engine is as before, also after an exception.

    Several may be on at once, each by a block of its own.

    Args:
        name: of the fault, or the fault.

    Raises:
        LookupError: there is no such fault.
        RuntimeError: it is on already, or another thread has one on.

    Example:
        >>> import numpy as np
        >>> from autograd import cos
        >>> from autograd.testing import check_grad
        >>> with fault("cos_without_minus"):
        ...     report = check_grad(lambda x: cos(x), np.array([0.5, 2.0]), raises=False)
        >>> report.verdict, report.causes[0], report.places[0].operation
        ('fail', 'sign', 'cos')
        >>> check_grad(lambda x: cos(x), np.array([0.5, 2.0])).verdict
        'pass'
    """
    return switched_on(find(name) if isinstance(name, str) else name)


def mystery(seed: int | None = None, family: str | None = None) -> AbstractContextManager[Mystery]:
    """Switch on a fault that is not named, for a hunt.

    Args:
        seed: the same one chooses the same fault; any fault without.
        family: choose from one family alone.

    Raises:
        LookupError: there is no such family.
        RuntimeError: the fault is on already, or another thread has one on.

    Example:
        >>> with mystery(seed=3, family="contractions") as case:
        ...     print(case, case.hint())
        <a fault that is on; 0 guesses so far> it is one of the 'contractions' faults
    """
    return hidden(catalogue(family), seed)
