"""Chains of additions: ``((a + b) + c) + d``, as `sum` makes them, found in a tape of Values."""

from __future__ import annotations

from dataclasses import dataclass, field

from autograd.primitives.elementwise import add
from autograd.replay.tape import Tape

_LONG = 3  # terms from which on a chain runs as one sum


@dataclass
class Chains:
    """The chains of a tape.

    Attributes:
        terms: the place of each chain's last addition, with the places of all its terms, from the left.
        additions: that place, with the places of its additions, from the left.
        absorbed: the places of the other additions, whose results nobody else uses.
    """

    terms: dict[int, list[int]] = field(default_factory=dict)
    additions: dict[int, list[int]] = field(default_factory=dict)
    absorbed: set[int] = field(default_factory=set)

    def user(self, place: int, term: int) -> int:
        """The addition that takes a chain's term; of what is no chain's the place itself."""
        additions = self.additions.get(place)
        return place if additions is None else additions[max(term - 1, 0)]


def find_chains(tape: Tape) -> Chains:
    """The chains of at least three terms."""
    if add not in tape.rules:
        return Chains()
    code = tape.rules.index(add)
    starts, arguments = tape.starts.tolist(), tape.arguments.tolist()
    uses = [0] * len(tape)
    for place in arguments:
        uses[place] += 1
    for place in tape.outputs:
        uses[place] += 1
    additions = [place for place, own in enumerate(tape.codes.tolist()) if own == code]
    known = set(additions)
    continued = set()  # additions that are the left part of another, and of nothing else
    for place in additions:
        left = arguments[starts[place]]
        if left in known and uses[left] == 1:
            continued.add(left)
    chains = Chains()
    for place in additions:
        if place in continued:
            continue
        members = [place]
        while (left := arguments[starts[members[-1]]]) in continued:
            members.append(left)
        members.reverse()
        if len(members) + 1 >= _LONG:
            first = starts[members[0]]
            chains.terms[place] = [arguments[first], *(arguments[starts[each] + 1] for each in members)]
            chains.additions[place] = members
            chains.absorbed.update(members[:-1])
    return chains
