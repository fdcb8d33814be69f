"""A tape of Values as groups: equal operations on one level of the graph, which run together as one vector operation.

A place's level is one more than the highest of its arguments, so that a group needs only the results of groups before
it. Each place that is kept becomes a row of the data; a group's rows lie side by side. Backwards each row *gathers*:
its gradient is the sum over its uses, in the order in which eager's walk adds them, of

    - the gradient of the row that uses it, where the local derivative is 1 (a term of a sum), or
    - a contribution, upstream times local derivative, which the using group wrote down.

A chain of additions, as Python's `sum` makes it, is one row that adds up its terms from the left; the partial sums
vanish. A perceptron's 65,000 nodes so become 16 groups of 38,000 rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd.primitives.elementwise import add
from autograd.replay.scalars.chains import Chains, find_chains
from autograd.replay.tape import Tape
from autograd.rule import Primitive
from autograd.rules import Elementwise, Reduction

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Group:
    """Equal operations that run together.

    Attributes:
        rule: the primitive.
        params: its keyword parameters.
        start: the first of the rows that the group computes.
        count: how many they are.
        operands: for each argument the rows that are read, one for each result; of a reduction or a chain of additions
            one matrix, (terms, count).
        needed: for each argument whether it receives a gradient.
        written: for each argument the first of the contributions that the group writes for it, -1 for none. Those of a
            reduction are (terms, count) in row-major order.
        gathered: (uses, count): what the rows' gradients are the sums of; see `Plan`.
    """

    rule: Primitive
    params: dict[str, Any]
    start: int
    count: int
    operands: tuple[Rows, ...]
    needed: tuple[bool, ...]
    written: tuple[int, ...]
    gathered: Rows | None

    @property
    def is_chain(self) -> bool:
        """Whether the rows add up terms, from the left."""
        return self.rule is add and len(self.operands) == 1


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run does, in order.

    Rows are numbered: inputs, leaves, constants, then the groups' results. Sources of gradients are numbered: the rows'
    own gradients, then the contributions, then the outputs' upstream gradients.

    Attributes:
        rows: how many rows there are.
        contributions: how many contributions are written.
        inputs: for each input its first row and the number of its rows.
        leaves: the first row of the leaves, and their number.
        constants: the first row of the constants, and their numbers.
        outputs: the row of each output.
        groups: in order of execution.
        received: the rows of inputs and leaves that receive a gradient, grouped by their number of uses, each with
            its sources (uses, count).
    """

    rows: int
    contributions: int
    inputs: tuple[tuple[int, int], ...]
    leaves: tuple[int, int]
    constants: tuple[int, npt.NDArray[np.float64]]
    outputs: tuple[int, ...]
    groups: tuple[Group, ...]
    received: tuple[tuple[Rows, Rows], ...]


def make_plan(tape: Tape) -> Plan:
    """The plan of a tape of Values."""
    return _Planner(tape).plan()


class _Planner:
    """The stages of planning; each method fills in what the next one reads."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.codes = tape.codes.tolist()
        self.starts = tape.starts.tolist()
        self.arguments = tape.arguments.tolist()
        self.requires = tape.requires.tolist()
        self.chains: Chains = find_chains(tape)

    def plan(self) -> Plan:
        self._operands()
        self._count_uses()
        members = self._grouped()
        self._number_rows(members)
        groups = self._groups(members)
        return Plan(
            rows=len(self.place_of_row),
            contributions=self.contributions,
            inputs=self.input_rows,
            leaves=(self.row[next(iter(self.tape.leaves))] if self.tape.leaves else 0, len(self.tape.leaves)),
            constants=(self.first_constant, np.array(list(self.tape.constants.values()), dtype=float)),
            outputs=tuple(self.row[place] for place in self.tape.outputs),
            groups=tuple(groups),
            received=tuple(self._received()),
        )

    def _operands(self) -> None:
        """For each kept result the places that it is computed from: a chain's are all of its terms."""
        self.operands: dict[int, list[int]] = {}
        for place, code in enumerate(self.codes):
            if code >= 0 and place not in self.chains.absorbed:
                terms = self.chains.terms.get(place)
                self.operands[place] = terms or self.arguments[self.starts[place] : self.starts[place + 1]]

    def _count_uses(self) -> None:
        """How many gradients arrive at each place; where none does, as at what only a guard reads, none goes on."""
        self.uses = [0] * len(self.tape)
        for place in self.tape.outputs:
            self.uses[place] += self.requires[place]
        for place, operands in reversed(self.operands.items()):
            self.requires[place] = self.requires[place] and self.uses[place] > 0
            if self.requires[place]:
                for operand in operands:
                    self.uses[operand] += self.requires[operand]

    def _grouped(self) -> list[list[int]]:
        """The kept results, by level and operation: places that one vector operation can compute."""
        level = [0] * len(self.tape)
        groups: dict[Any, list[int]] = {}
        for place, operands in self.operands.items():
            level[place] = own = 1 + max(level[operand] for operand in operands)
            params = self.tape.params.get(place)
            many = place in self.chains.terms or isinstance(self.tape.rules[self.codes[place]], Reduction)
            needed = () if many else tuple(self.requires[operand] for operand in operands)
            key = (
                own, self.codes[place], many, len(operands), needed, self.requires[place], self.uses[place],
                None if not params else _key(params, place),
            )  # fmt: skip
            groups.setdefault(key, []).append(place)
        return [groups[key] for key in sorted(groups, key=lambda key: (key[0], groups[key][0]))]

    def _number_rows(self, members: list[list[int]]) -> None:
        tape = self.tape
        order: list[int] = []
        self.input_rows = tuple(
            (sum(len(other.places) for other in tape.inputs[:number]), len(each.places))
            for number, each in enumerate(tape.inputs)
        )
        for each in tape.inputs:
            order += each.places
        order += tape.leaves
        self.first_constant = len(order)
        order += tape.constants
        for group in members:
            order += group
        self.place_of_row = order
        self.row = {place: row for row, place in enumerate(order)}

    def _groups(self, members: list[list[int]]) -> list[Group]:
        """The groups, and for each use of a row where its gradient comes from."""
        self.sources: list[list[tuple[int, int, int]]] = [[] for _ in self.tape.codes]  # (user, argument, source)
        self.contributions = 0
        first = len(self.place_of_row)
        made = []
        for group in members:
            rule = self.tape.rules[self.codes[group[0]]]
            columns = np.array([self.operands[place] for place in group], dtype=np.intp).T
            many = group[0] in self.chains.terms or isinstance(rule, Reduction)
            requires = self.requires[group[0]]
            needed = (requires,) if many else tuple(requires and self.requires[place] for place in columns[:, 0])
            written = []
            for number, need in enumerate(needed):
                passed_on = _local_is_one(rule, number)
                written.append(-1 if passed_on or not need else self.contributions)
                if need:
                    start = None if passed_on else first + self.contributions
                    self._note_uses(group, columns if many else columns[number : number + 1], number, start)
                    self.contributions += 0 if passed_on else (columns.size if many else len(group))
            rows = self._rows(columns)
            made.append((rule, group, (rows,) if many else tuple(rows), needed, tuple(written)))
        self._note_outputs(first + self.contributions)
        return [
            Group(
                rule, dict(self.tape.params.get(group[0], {})), self.row[group[0]], len(group), operands, needed,
                written, self._gathered(group),
            )
            for rule, group, operands, needed, written in made
        ]  # fmt: skip

    def _rows(self, places: Any) -> Any:
        return np.array([self.row[place] for place in places.flat], dtype=np.intp).reshape(places.shape)

    def _note_uses(self, group: list[int], columns: Any, argument: int, start: int | None) -> None:
        """Write down the source of each operand's share: its user's gradient, or a contribution from `start` on."""
        for term, operands in enumerate(columns.tolist()):
            for position, (user, operand) in enumerate(zip(group, operands, strict=True)):
                if self.requires[operand]:
                    source = self.row[user] if start is None else start + term * len(group) + position
                    by = self.chains.user(user, term)
                    self.sources[operand].append((-by, argument + term, source))

    def _note_outputs(self, first: int) -> None:
        for number, place in enumerate(self.tape.outputs):
            if self.requires[place]:
                self.sources[place].append((-len(self.tape), number, first + number))

    def _gathered(self, group: list[int]) -> Rows | None:
        """(uses, count), each column in eager's order: the youngest user first."""
        if not self.requires[group[0]]:
            return None
        return np.array([[source for _, _, source in sorted(self.sources[place])] for place in group], dtype=np.intp).T

    def _received(self) -> list[tuple[Rows, Rows]]:
        by_uses: dict[int, list[int]] = {}
        for place in self.place_of_row[: self.first_constant]:
            if self.requires[place] and self.uses[place]:
                by_uses.setdefault(self.uses[place], []).append(place)
        found = []
        for group in by_uses.values():
            gathered = self._gathered(group)
            assert gathered is not None
            found.append((np.array([self.row[place] for place in group], dtype=np.intp), gathered))
        return found


def _local_is_one(rule: Primitive, argument: int) -> bool:
    if isinstance(rule, Reduction):
        return not callable(rule.weight) and rule.weight == 1.0
    return isinstance(rule, Elementwise) and rule.locals[argument] == 1.0


def _key(params: Any, place: int) -> Any:
    """What tells parameters apart; of those that cannot be compared each has a group of its own."""
    items = tuple(sorted(params.items()))
    try:
        hash(items)
    except TypeError:
        return place
    return tuple((name, value.__class__, value) for name, value in items)
