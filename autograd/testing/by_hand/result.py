"""The outcome of a check: a row for each answer, the slips in groups, as text and as a table for a notebook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from autograd.testing.by_hand.marking import FOLLOWS, RIGHT, ROUNDING, WRONG
from autograd.testing.by_hand.printing import html_table, listed, text_table, true_text
from autograd.testing.by_hand.ratios import ratio_text

__all__ = ["HandCheck", "HandRow", "SlipGroup"]

_LONG = 9  # answers of one array from which on those that share a verdict are told by their number
_SHOWN = 3


class HandRow(NamedTuple):
    """One answer.

    Attributes:
        symbol: what was asked for.
        true: the true gradient.
        given: the answer as it was written.
        verdict: "right"; "rounding", off by what rounding on the way explains; "follows", wrong because a wrong number
            above was used rightly; "wrong".
        slip: the name of the slip that was made here; empty where none was, or none that is known.
        explanation: what was done, in a sentence; empty for a right answer.
        slips: the slips that the number carries: the one made here, and those above that it follows from.
        also: names of other slips that would have led to the same number.
        array: the array that the answer is an element of; empty for a single number.
    """

    symbol: str
    true: float
    given: str
    verdict: str
    slip: str = ""
    explanation: str = ""
    slips: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    array: str = ""


class SlipGroup(NamedTuple):
    """A slip with all answers that it explains.

    Attributes:
        slip: its name; empty for wrong answers whose cause is unknown.
        explanation: what was done.
        symbols: the answers where it was made; several elements of an array as one, with their number.
        following: how many further answers follow from these.
        ratio: what the answers are of what they should be, where that is one simple factor; else None.
    """

    slip: str
    explanation: str
    symbols: tuple[str, ...]
    following: int
    ratio: Fraction | None

    def __str__(self) -> str:
        told = [] if self.ratio is None else [ratio_text(self.ratio)]
        said = "; ".join([*told, self.explanation] if self.explanation else told)
        follow = "answer follows" if self.following == 1 else "answers follow"
        end = f". {self.following} more {follow} from this." if self.following else "."
        return f"{self.slip or 'cause unknown'} ({listed(self.symbols)}){': ' if said else ''}{said}{end}"


class HandCheck(Sequence[HandRow]):
    """What `check_by_hand` found: a sequence of rows, one for each answer, in the order of the sheet.

    `print` shows the table and the summary, a notebook shows it as a table. It is true when every answer is right.

    Attributes:
        rows: all answers.
        slips: the slips in groups, those that explain most first.
        note: what was left out of the search; empty where nothing was.
    """

    def __init__(self, root: str, rows: Sequence[HandRow], slips: Sequence[SlipGroup], note: str = "") -> None:
        self.root = root
        self.rows = tuple(rows)
        self.slips = tuple(slips)
        self.note = note

    @property
    def right(self) -> bool:
        """Whether every answer is right, or as near as rounding on the way allows."""
        return all(row.verdict in (RIGHT, ROUNDING) for row in self.rows)

    def __bool__(self) -> bool:
        return self.right

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[HandRow]:
        return iter(self.rows)

    def __getitem__(self, key: Any) -> Any:
        """A row by its place or its symbol."""
        if not isinstance(key, str):
            return self.rows[key]
        for row in self.rows:
            if row.symbol == key:
                return row
        raise KeyError(f"no answer is for {key!r}; the sheet has {listed([row.symbol for row in self.rows])}")

    @property
    def summary(self) -> str:
        """How many answers are right, and the slips in groups, a line each."""
        return "\n".join([self._counts(), *map(str, self.slips), *([self.note] if self.note else [])])

    def _counts(self) -> str:
        counts = {verdict: sum(row.verdict == verdict for row in self.rows) for verdict in _TELLING}
        if counts[RIGHT] == len(self.rows):
            return f"All {len(self.rows)} answers are right." if len(self.rows) > 1 else "The answer is right."
        told = [f"{count} {_TELLING[verdict]}" for verdict, count in counts.items() if count]
        return f"Of {len(self.rows)} {'answer' if len(self.rows) == 1 else 'answers'}: {', '.join(told)}."

    def __str__(self) -> str:
        return f"{text_table(self._headings, list(self._lines()))}\n\n{self.summary}"

    def __repr__(self) -> str:
        return f"<HandCheck: {self._counts()}>"

    def _repr_html_(self) -> str:
        return html_table(self._headings, list(self._lines()), self.summary.splitlines())

    @property
    def _headings(self) -> tuple[str, ...]:
        return f"∂{self.root}/∂", "true", "yours", "", ""

    def _lines(self) -> Iterator[tuple[str, ...]]:
        """The rows as text; answers of a long array that share a verdict and a cause are elided with their number."""
        sizes: dict[str, int] = {}
        alike: dict[tuple[str, ...], int] = {}
        for row in self.rows:
            sizes[row.array] = sizes.get(row.array, 0) + 1
            alike[_kind(row)] = alike.get(_kind(row), 0) + 1
        shown: dict[tuple[str, ...], int] = {}
        for row in self.rows:
            kind = _kind(row)
            shown[kind] = shown.get(kind, 0) + 1
            most = len(self.rows)
            if row.array and sizes[row.array] > _LONG:
                most = 0 if row.verdict == RIGHT else _SHOWN
            if shown[kind] <= most:
                yield _line(row)
            elif shown[kind] == most + 1:
                rest = f"{alike[kind] - most} {'more of these' if most else row.verdict}"
                yield f"{row.array}[…]", "", "", _MARKS[row.verdict], rest


_MARKS = {RIGHT: "✓", ROUNDING: "≈", FOLLOWS: "→", WRONG: "✗"}
_TELLING = {
    RIGHT: "right",
    ROUNDING: "right but for rounding on the way",
    WRONG: "wrong",
    FOLLOWS: "wrong only because of a wrong number above",
}


def _kind(row: HandRow) -> tuple[str, ...]:
    return row.array, row.verdict, row.slip, row.explanation


def _line(row: HandRow) -> tuple[str, ...]:
    said = f"{row.slip}: {row.explanation}" if row.slip else row.explanation
    if row.also:
        said += f" (or {', or '.join(row.also)})"
    return row.symbol, true_text(row.true, row.given), row.given.replace("-", "−"), _MARKS[row.verdict], said
