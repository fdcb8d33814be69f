"""``python -m benchmarks.mutations``: the checker's mutation score.

Right backward passes of many functions are corrupted by operators that know nothing of them, and `check_backward` is
asked. A mutant counts as killed where it is refused; one that changes nothing beyond rounding is no mutant, and is
counted apart. The operators run from gross ones, which any checker sees, to a factor of 1 + 1e-7, one element, and an
upstream gradient without its sign. Below the total stand three that are fainter than the check promises to see, so as
to show where its sight ends. Prints the score by operator and writes it as JSON.

The functions are `derivatives.ordinary` and `derivatives.holdout`, at their own inputs and at random ones.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import numpy as np

from autograd.testing import check_backward
from benchmarks import report
from benchmarks.derivatives import holdout, ordinary
from benchmarks.derivatives.case import Case
from benchmarks.environments import ROOT

Array = Any
Operator = Callable[[Array, Array, np.random.Generator], Array]  # a gradient, its input, chance -> a wrong gradient

ROUNDING = 1e-10  # of a gradient's largest element: what is changed by less is the same gradient
UPSTREAMS: dict[str, Callable[[Array], Array]] = {
    "upstream: ones": np.ones_like,
    "upstream: no sign": np.abs,
    "upstream: squared": lambda g: g * g,
    "upstream: clipped to ±1": lambda g: np.clip(g, -1.0, 1.0),
    "upstream: float32": lambda g: np.asarray(g, dtype=np.float32).astype(np.float64),
}


class Mutant(NamedTuple):
    """A corrupted derivative.

    Attributes:
        operator: what was done to it.
        case: the function with the wrong backward pass.
    """

    operator: str
    case: Case


@dataclass
class Score:
    """How the mutants of one operator fared.

    Attributes:
        killed: refused by the check.
        survivors: the names of those that passed.
        undecided: of those of which the check said that it cannot tell.
        equivalent: how many would-be mutants changed nothing beyond rounding.
    """

    killed: int = 0
    survivors: list[str] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)
    equivalent: int = 0

    @property
    def mutants(self) -> int:
        """How many there were."""
        return self.killed + len(self.survivors) + len(self.undecided)


# ---- the operators --------------------------------------------------------------------------------------------------


def _scaled(d: Array, x: Array, rng: np.random.Generator, by: float) -> Array:
    return d * by


def _one(d: Array, x: Array, rng: np.random.Generator, change: Callable[[float], float]) -> Array:
    d = np.array(d)
    place = int(rng.integers(d.size))
    d.flat[place] = change(d.flat[place])
    return d


def _swapped(d: Array, x: Array, rng: np.random.Generator) -> Array:
    d = np.array(d)
    if d.size > 1:
        one, other = rng.choice(d.size, 2, replace=False)
        d.flat[one], d.flat[other] = d.flat[other], d.flat[one]
    return d


def _region_zeroed(d: Array, x: Array, rng: np.random.Generator) -> Array:
    """One index along one axis."""
    d = np.array(d)
    if d.ndim:
        axis = int(rng.integers(d.ndim))
        np.moveaxis(d, axis, 0)[int(rng.integers(d.shape[axis]))] = 0.0
    return d


def _half_of_inputs(d: Array, x: Array, rng: np.random.Generator) -> Array:
    return d * np.where(x < np.median(x), 1.0 + 1e-4, 1.0)


def _shifted(d: Array, x: Array, rng: np.random.Generator) -> Array:
    return np.roll(d, 1, int(rng.integers(d.ndim))) if d.ndim else d


def _reversed(d: Array, x: Array, rng: np.random.Generator) -> Array:
    return np.flip(d, int(rng.integers(d.ndim))) if d.ndim else d


def _transposed(d: Array, x: Array, rng: np.random.Generator) -> Array:
    return d.T.reshape(d.shape)


def _averaged(d: Array, x: Array, rng: np.random.Generator) -> Array:
    axis = int(rng.integers(d.ndim)) if d.ndim else None
    return np.broadcast_to(d.mean(axis=axis, keepdims=True), d.shape).copy()


OPERATORS: dict[str, Operator] = {
    "all × (1 + 1e-7)": partial(_scaled, by=1.0 + 1e-7),
    "all × (1 − 1e-7)": partial(_scaled, by=1.0 - 1e-7),
    "all × 2": partial(_scaled, by=2.0),
    "sign": partial(_scaled, by=-1.0),
    "zero": partial(_scaled, by=0.0),
    "one element × (1 + 1e-6)": partial(_one, change=lambda v: v * (1.0 + 1e-6)),
    "one element zero": partial(_one, change=lambda v: 0.0),
    "one element's sign": partial(_one, change=lambda v: -v),
    "two elements swapped": _swapped,
    "one index along an axis zero": _region_zeroed,
    "below the median × (1 + 1e-4)": _half_of_inputs,
    "plus 1e-3 of the largest": lambda d, x, rng: d + 1e-3 * np.abs(d).max(initial=0.0),
    "one off along an axis": _shifted,
    "an axis reversed": _reversed,
    "transposed": _transposed,
    "averaged along an axis": _averaged,
    "rounded to float32": lambda d, x, rng: d.astype(np.float32).astype(np.float64),
    "times its input": lambda d, x, rng: d * x,
}
FAINT: dict[str, Operator] = {
    "all × (1 + 1e-8)": partial(_scaled, by=1.0 + 1e-8),
    "all × (1 + 1e-9)": partial(_scaled, by=1.0 + 1e-9),
    "one element × (1 + 1e-8)": partial(_one, change=lambda v: v * (1.0 + 1e-8)),
}
NAMES = [*OPERATORS, *UPSTREAMS, *FAINT]


# ---- mutants --------------------------------------------------------------------------------------------------------


def functions(seed: int) -> list[Case]:
    """Right functions: in the first round at the ordinary ones' own inputs, then at random ones of the same shapes."""
    rng = np.random.default_rng(seed)
    common = ordinary.CASES
    if seed:
        common = [case._replace(inputs=tuple(_redrawn(x, rng) for x in case.inputs)) for case in common]
    return [*common, *holdout.right(rng)]


def _redrawn(x: Array, rng: np.random.Generator) -> Array:
    """The same numbers, each moved a little, and shuffled along every axis: what was positive stays so."""
    moved = x * rng.uniform(0.9, 1.1, np.shape(x))
    for axis in range(moved.ndim):
        moved = np.take(moved, rng.permutation(moved.shape[axis]), axis)
    return moved


def mutants(case: Case, seed: int) -> Iterator[tuple[str, Case | None]]:
    """Each operator with the corrupted case, or None where it changes nothing beyond rounding."""
    start = np.random.default_rng([seed, *case.name.encode()])
    argument = int(start.integers(len(case.inputs)))
    first = start.normal(size=np.shape(case.forward(*case.inputs)))
    for name in NAMES:
        backward = _corrupted(case, name, argument, int(start.integers(2**31)))
        mutant = case._replace(name=f"{case.name}, argument {argument}", backward=backward)
        changed = any(_differ(case, mutant, argument, scale * first) for scale in (1.0, -3.0))
        yield name, mutant if changed else None


def _differ(case: Case, mutant: Case, argument: int, upstream: Array) -> bool:
    right, wrong = (np.asarray(each.backward(upstream, *case.inputs)[argument]) for each in (case, mutant))
    return bool(np.abs(wrong - right).max(initial=0.0) > ROUNDING * np.abs(right).max(initial=0.0))


def _corrupted(case: Case, operator: str, argument: int, chance: int) -> Callable[..., Any]:
    """The backward pass with one argument's gradient wrong, in the same way each time."""

    def backward(g: Array, *inputs: Array) -> tuple[Array, ...]:
        found = list(case.backward(g, *inputs))
        if operator in UPSTREAMS:
            found[argument] = case.backward(UPSTREAMS[operator](np.asarray(g)), *inputs)[argument]
        else:
            rng = np.random.default_rng(chance)
            change = OPERATORS.get(operator) or FAINT[operator]
            found[argument] = change(np.asarray(found[argument]), inputs[argument], rng)
        return tuple(found)

    return backward


# ---- the score ------------------------------------------------------------------------------------------------------


def measured(seeds: Sequence[int], only: str = "") -> tuple[dict[str, Score], list[float], list[str]]:
    """The score of each operator; the milliseconds of each check; the right functions that were not passed."""
    scores = {name: Score() for name in NAMES}
    times: list[float] = []
    alarms: list[str] = []
    for seed in seeds:
        for case in functions(seed):
            if only and only not in case.name:
                continue
            if _verdict(case) != "pass":
                alarms.append(f"{case.name}, seed {seed}")
            for name, mutant in mutants(case, seed):
                score = scores[name]
                if mutant is None:
                    score.equivalent += 1
                    continue
                start = time.perf_counter()
                verdict = _verdict(mutant)
                times.append(1e3 * (time.perf_counter() - start))
                if verdict == "fail":
                    score.killed += 1
                else:
                    survived = score.survivors if verdict == "pass" else score.undecided
                    survived.append(f"{mutant.name}, seed {seed}")
    return scores, times, alarms


def _verdict(case: Case) -> str:
    return check_backward(case.forward, case.backward, *case.inputs, explore=False, raises=False).verdict


def table(scores: dict[str, Score]) -> str:
    """One line for each operator, their sum, and those that are too faint to count.

    >>> print(table({"sign": Score(killed=3, survivors=["f"], equivalent=2)}))
    operator  mutants  killed  passed  undecided  no change  score
    --------  -------  ------  ------  ---------  ---------  ------
    sign      4        3       1       0          2          75.0 %
    all       4        3       1       0          2          75.0 %
    """
    rows: list[tuple[str, ...]] = [("operator", "mutants", "killed", "passed", "undecided", "no change", "score")]
    counted = [score for name, score in scores.items() if name not in FAINT]
    rows += [_row(name, [score]) for name, score in scores.items() if name not in FAINT]
    rows.append(_row("all", counted))
    rows += [_row(f"fainter: {name}", [score]) for name, score in scores.items() if name in FAINT]
    return report.aligned(rows, 1)


def _row(name: str, scores: list[Score]) -> tuple[str, ...]:
    killed, mutants = sum(each.killed for each in scores), sum(each.mutants for each in scores)
    passed, undecided = (sum(len(getattr(each, key)) for each in scores) for key in ("survivors", "undecided"))
    equivalent = sum(each.equivalent for each in scores)
    percent = f"{100.0 * killed / mutants:.1f} %" if mutants else "–"
    return name, *map(str, (mutants, killed, passed, undecided, equivalent)), percent


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table and write it as JSON; 1 where a right function is not passed."""
    own = argparse.ArgumentParser("python -m benchmarks.mutations", description=(__doc__ or "").split("\n")[0])
    own.add_argument("--seeds", type=int, default=2, metavar="N", help="rounds, each at other inputs and places")
    own.add_argument("--only", default="", metavar="TEXT", help="only functions whose name contains the text")
    own.add_argument("--output", type=Path, default=ROOT / "benchmarks" / "results" / "mutations.json", metavar="FILE")
    options = own.parse_args(arguments)
    with np.errstate(all="ignore"):
        scores, times, alarms = measured(range(options.seeds), options.only)
    print(table(scores))
    for name, score in scores.items():
        for text, names in (("passed", score.survivors), ("undecided", score.undecided)):
            if names and name not in FAINT:
                print(f"{text}: {name}: {'; '.join(names)}")
    if times:
        print(f"{median(times):.2f} ms a mutant in the median, its diagnosis included")
    print(f"right functions that were not passed: {'; '.join(alarms) or 'none'}")
    rows = {name: asdict(score) for name, score in scores.items()}
    document = {"machine": report.machine(), "seeds": options.seeds, "rows": rows, "alarms": alarms}
    report.save(document, options.output)
    return 1 if alarms else 0


if __name__ == "__main__":
    sys.exit(main())
