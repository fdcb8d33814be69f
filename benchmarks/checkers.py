"""``python -m benchmarks.checkers``: `check_backward` beside PyTorch's gradcheck, on the same derivatives.

Each checker is given the same forward and backward in NumPy, at the same inputs, in one run. Caught: a wrong derivative
that it refuses. False alarm: a right one that it refuses; `check_backward` can also say that it cannot tell, which is
counted apart. PyTorch's are run with its defaults. Times are of the right ones: a wrong one is diagnosed, too.

The functions of the hold-out come from SciPy and NumPy, with derivatives in closed form, corrupted by operators that
know nothing of them. These forms hold on an interval alone: where one divides by 0 outside of it, `check_backward`,
which tries other inputs, calls it wrong. ``--alarms N`` adds N checks of right functions at random inputs, at scales
from 1e-8 to 1e8, in float32 and float64.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from statistics import median
from typing import Any, NamedTuple

import numpy as np

from autograd.testing import check_backward
from autograd.testing.domain import in_domain
from autograd.testing.handwritten import PairSubject
from benchmarks.derivatives import awkward, faults_of_arrays, faults_of_maps, holdout, ordinary
from benchmarks.derivatives.case import Case

FAULTS: list[Case] = [*faults_of_maps.CASES, *faults_of_arrays.CASES]

Checker = Callable[[Case], str]  # "pass", "fail" or "inconclusive"


class Tally(NamedTuple):
    """What a checker said of some cases.

    Attributes:
        verdicts: how often each.
        milliseconds: of each check.
        failed: the names of those that it refused.
    """

    verdicts: Counter[str]
    milliseconds: list[float]
    failed: set[str]


def ours(case: Case, *, explore: bool = False) -> str:
    """`check_backward`'s verdict."""
    return check_backward(case.forward, case.backward, *case.inputs, explore=explore, raises=False).verdict


def exploring(case: Case) -> str:
    """`check_backward`'s verdict when it tries other inputs, too."""
    return ours(case, explore=True)


def pytorch(fast: bool) -> Checker | None:
    """PyTorch's gradcheck; None where it is not installed."""
    try:
        import torch
    except ImportError:
        return None

    def check(case: Case) -> str:
        function = _as_torch(torch, case)
        places = [torch.tensor(np.asarray(x), requires_grad=np.asarray(x).dtype.kind == "f") for x in case.inputs]
        try:
            right = torch.autograd.gradcheck(function, places, fast_mode=fast, raise_exception=False)
        except Exception:  # what stops it is refused, as by raising
            return "fail"
        return "pass" if right else "fail"

    return check


def _as_torch(torch: Any, case: Case) -> Callable[..., Any]:
    class Pair(torch.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(context: Any, *inputs: Any) -> Any:
            context.arrays = [each.detach().numpy() for each in inputs]
            return torch.as_tensor(np.array(case.forward(*context.arrays)))

        @staticmethod
        def backward(context: Any, upstream: Any) -> Any:
            found = case.backward(upstream.numpy(), *context.arrays)
            return tuple(None if each is None else torch.as_tensor(np.asarray(each)) for each in found)

    return Pair.apply  # type: ignore[no-any-return]


def tallied(checker: Checker, cases: Iterable[Case]) -> Tally:
    """What a checker says of cases."""
    tally = Tally(Counter(), [], set())
    for case in cases:
        start = time.perf_counter()
        verdict = checker(case)
        tally.milliseconds.append(1e3 * (time.perf_counter() - start))
        tally.verdicts[verdict] += 1
        if verdict == "fail":
            tally.failed.add(case.name)
    return tally


def held_out(seed: int = 0) -> tuple[list[Case], list[Case]]:
    """The hold-out's right functions, and its corrupted ones."""
    rng = np.random.default_rng(seed)
    right = holdout.right(rng)
    return right, [wrong for case in right for wrong in holdout.corrupted(case, rng)]


def random_right_ones(count: int, seed: int) -> Iterator[Case]:
    """Right functions at random inputs in their domain."""
    rng = np.random.default_rng(seed)
    given = 0
    while given < count:
        pool = ordinary.CASES if rng.random() < 0.7 else holdout.right(rng)
        case = pool[rng.integers(len(pool))]
        dtype = np.float32 if rng.random() < 0.4 else np.float64
        if pool is ordinary.CASES:
            case = case._replace(inputs=tuple(_random(np.shape(x), rng) for x in case.inputs))
        case = case._replace(inputs=tuple(np.asarray(x).astype(dtype) for x in case.inputs))
        if _usable(case):
            given += 1
            yield case


def _random(shape: tuple[int, ...], rng: np.random.Generator) -> Any:
    numbers = rng.normal(size=shape)
    kind = rng.integers(8)
    numbers = np.round(numbers) if kind == 0 else np.abs(numbers) if kind < 3 else numbers
    if kind == 3:
        numbers = numbers * (rng.random(shape) < 0.6)
    return numbers * 10.0 ** rng.uniform(-8.0, 8.0)


def _usable(case: Case) -> bool:
    subject = PairSubject(case.forward, case.backward, case.inputs, None, None)
    if not in_domain(subject):
        return False
    try:
        upstream = [np.ones(np.shape(out)) for out in subject.forward(subject.arrays)]
        found = subject.linearise(subject.arrays).pull(upstream)
    except np.linalg.LinAlgError:
        return False
    return all(np.isfinite(each).all() for each in found if each is not None)


def diagnosed(cases: list[Case]) -> tuple[int, int]:
    """Of how many wrong derivatives the diagnosis names the mistake, among its first two; and of how many it might."""
    right = 0
    for case in cases:
        report = check_backward(case.forward, case.backward, *case.inputs, explore=False, raises=False)
        right += bool(set(report.causes[:2]) & set(case.causes))
    return right, len(cases)


def table(checkers: dict[str, Checker], seed: int) -> str:
    """The table, as text."""
    right, wrong = held_out(seed)
    dormant = [case._replace(inputs=case.plain) for case in FAULTS if case.plain]
    groups = {
        f"caught of {len(FAULTS)}": FAULTS,
        f"dormant, of {len(dormant)}": dormant,
        f"hold-out, of {len(wrong)}": wrong,
        f"alarms of {len(awkward.CASES)} awkward": awkward.CASES,
        f"of {len(ordinary.CASES)} ordinary": ordinary.CASES,
        f"of {len(right)} held out": right,
    }
    lines = [
        "| checker | " + " | ".join(groups) + " | undecided | ms, median | ms, 95 % |",
        "|---|" + "---|" * (len(groups) + 3),
    ]
    for name, checker in checkers.items():
        tallies = [tallied(checker, cases) for cases in groups.values()]
        times = sorted(time for tally in tallies[3:] for time in tally.milliseconds)  # of right ones
        undecided = sum(tally.verdicts["inconclusive"] for tally in tallies)
        cells = [str(len(tally.failed)) for tally in tallies]
        cells += [str(undecided), f"{median(times):.2f}", f"{times[int(0.95 * len(times))]:.2f}"]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Print the table; 1 where `check_backward` misses its own faults or raises a false alarm."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.checkers", description=__doc__.split("\n")[0])
    parser.add_argument("--alarms", type=int, default=0, help="checks of right functions at random inputs")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    with np.errstate(all="ignore"):
        checkers: dict[str, Checker] = {"check_backward, explore=False": ours, "check_backward": exploring}
        for name, fast in (("gradcheck, slow", False), ("gradcheck, fast", True)):
            theirs = pytorch(fast)
            if theirs is not None:
                checkers[name] = theirs
        print(table(checkers, options.seed))
        named, of = diagnosed(FAULTS)
        print(f"\nthe diagnosis names the mistake in {named} of {of}")
        alarms = tallied(ours, random_right_ones(options.alarms, options.seed))
        if options.alarms:
            print(f"{options.alarms} right functions at random inputs: {dict(alarms.verdicts)}")
        missed = {case.name for case in FAULTS} - tallied(ours, FAULTS).failed
    return 1 if missed or alarms.failed else 0


if __name__ == "__main__":
    sys.exit(main())
