"""`check_grad`: is this derivative right?"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from autograd.errors import GradientError, GradientWarning
from autograd.progress import Progress
from autograd.testing.basis import Evidence
from autograd.testing.diagnosis import diagnose
from autograd.testing.exploration import explored
from autograd.testing.findings import FAULT, OUTSIDE, UNDECIDED, Finding
from autograd.testing.paste import call_text
from autograd.testing.precision import checked_in_full
from autograd.testing.report import GradientReport
from autograd.testing.second import second_order
from autograd.testing.subject import GraphSubject, Subject

__all__ = ["check_grad", "check_subject"]


def check_grad(
    f: Callable[..., Any],
    *inputs: Any,
    wrt: Any = None,
    order: int = 1,
    directions: int = 3,
    explore: bool | str = True,
    raises: bool = True,
    seed: int = 0,
    at_least: float = 1e-6,
) -> GradientReport:
    """Hold a function's derivative against differences, with a tolerance that is derived from what can be measured.

    Differences are taken on a ladder of steps and extrapolated; how far they may be off follows from the noise of the
    function, measured, and from how the extrapolation settles. There is nothing to choose. At a kink the derivative has
    to lie between the one-sided ones. Apart from differences the backward pass is tried for what every backward pass
    owes: it is linear in its upstream gradient, leaves its inputs as they are, and so on.

    Args:
        f: a function of nodes that returns nodes, in any nesting; or an adapter's, see `autograd.testing.adapters`.
        inputs: its arguments: floats, arrays, Values and Tensors, in lists, tuples and dicts as they like. Arrays and
            floats reach `f` as Tensors. Arrays of integers, strings and the like are handed on as they are.
        wrt: the arguments to differentiate with respect to, by place or by name; all that hold floats unless given.
        order: 2 checks the second derivatives too.
        directions: how many random directions the input is moved in.
        explore: True tries other inputs too: zeros, ties, negative, large and small numbers, other batch sizes and
            memory layouts, float32. "values" keeps the shapes and dtypes. "hypothesis" searches by the package of that
            name, too, and shrinks what it finds.
        raises: whether a wrong derivative raises, and an inconclusive check warns.
        seed: of the random numbers; the same seed checks the same.
        at_least: the sensitivity asked for: where errors of this part of the slopes would not show, the check is
            inconclusive. For outputs in float32 and less it is 1e-3.

    Returns:
        The report. It is true where the derivative is right.

    Raises:
        GradientError: the derivative is wrong; an AssertionError, with the report as `report`.
        ValueError: there is nothing to differentiate.
        TypeError: `f` returned nothing that could be differentiated.

    Warns:
        GradientWarning: nothing could be decided.

    Example:
        >>> import numpy as np
        >>> from autograd import Elementwise
        >>> x = np.array([0.5, -1.0, 2.0])
        >>> check_grad(lambda x: (x * x).sum(), x).verdict
        'pass'
        >>> half = Elementwise("half", lambda x: x * x, [lambda out, x: x])
        >>> report = check_grad(half, x, raises=False)
        >>> report.verdict, report.causes[0], report.places[0].operation
        ('fail', 'half', 'half')
    """
    subject = as_subject(f, inputs, wrt)
    return check_subject(
        subject, order=order, directions=directions, explore=explore, raises=raises, seed=seed, at_least=at_least
    )


def as_subject(f: Any, inputs: tuple[Any, ...], wrt: Any) -> Subject:
    """What is checked, of a function or of an adapter's."""
    make = getattr(f, "subject", None)
    if make is not None:
        return make(inputs, wrt)  # type: ignore[no-any-return]
    if not callable(f):
        raise TypeError(f"check_grad: takes a function, not {type(f).__name__}; give lambda x: ... itself")
    return GraphSubject(f, inputs, wrt)


def check_subject(
    subject: Subject,
    *,
    order: int = 1,
    directions: int = 3,
    explore: bool | str = True,
    raises: bool = True,
    seed: int = 0,
    at_least: float = 1e-6,
    explained: bool = True,
) -> GradientReport:
    """`check_grad` of what has been made a subject.

    Args:
        explained: False leaves a wrong gradient without its elements, its diagnosis and its place.
    """
    if order not in (1, 2):
        raise ValueError(f"check_grad: order={order!r} is neither 1 nor 2")
    if directions < 1:
        raise ValueError(f"check_grad: directions={directions!r}; one direction is the least")
    report = GradientReport(subject.name, seed=seed)
    with Progress(f"checking {subject.name}") as told:
        _examine(report, subject, told, order, explore, explained, {"directions": directions, "at_least": at_least})
    return _told(report, raises)


def _examine(
    report: GradientReport,
    subject: Subject,
    told: Progress,
    order: int,
    explore: bool | str,
    explained: bool,
    options: dict[str, Any],
) -> None:
    """Write into the report what is found at the given input and at others, and where."""
    seed = report.seed
    guilty = subject
    told.step("the given input")
    last = checked_in_full(subject, np.random.default_rng(seed), **options)
    _take(report, last, "the given input")
    if order == 2 and report.verdict != "fail":
        told.step("the second derivatives")
        for part, evidence in second_order(subject, np.random.default_rng(seed), **options):
            _take(report, evidence, part)
            last = evidence
    if explore and report.verdict != "fail":
        for label, other, evidence in explored(subject, explore, np.random.default_rng(seed), **options):
            report.inputs += 1
            told.step(f"{report.inputs} inputs")
            _take(report, _without_doubts(evidence), label)
            guilty = other if evidence.faulty else guilty
            last = evidence
    if explained and report.verdict == "fail":
        told.step("the place of the fault")
        report.call = call_text(guilty, "order=2" if order == 2 else "")
        diagnose(report, guilty)
        _locate(report, guilty, last.examined)


def _take(report: GradientReport, evidence: Evidence, where: str) -> None:
    known = {_sameness(finding) for finding in report.findings if finding.level != FAULT}
    report.findings += [finding.moved_to(where) for finding in evidence.findings if _sameness(finding) not in known]
    report.evaluations += evidence.evaluations
    report.sensitivity = max(report.sensitivity, evidence.sensitivity)


def _sameness(finding: Finding) -> tuple[str, str]:
    """What two findings have in common of which one is enough."""
    return finding.kind, "" if finding.kind == OUTSIDE else finding.message


def _without_doubts(evidence: Evidence) -> Evidence:
    """Of an input that nobody gave faults count: what differences cannot tell there takes nothing from the rest."""
    kept: list[Finding] = [each for each in evidence.findings if each.level != UNDECIDED or each.kind == OUTSIDE]
    return replace(evidence, findings=kept, sensitivity=0.0)


def _locate(report: GradientReport, subject: Subject, examined: Any) -> None:
    if not subject.has_graph:
        return
    try:
        known = examined if examined is not None and examined.places else subject.examined(None)
    except Exception as error:  # a report without the place is better than none
        report.diagnosis.append(f"the place was not found: {type(error).__name__}: {error}")
        return
    report.places, roots = known.places, known.roots
    report.root = roots[0] if len(roots) == 1 else tuple(roots)


def _told(report: GradientReport, raises: bool) -> GradientReport:
    if raises and report.verdict == "fail":
        raise GradientError(report)
    if raises and report.verdict == "inconclusive":
        warnings.warn(str(report), GradientWarning, stacklevel=4)
    return report
