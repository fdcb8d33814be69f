"""Sums of Values that read as sums: an unnamed sum or product that is only added further stands in the line of that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from autograd.replay.tape import Step, Tape

_INLINED = ("add", "multiply")


def inlined_into(tape: Tape, steps: Sequence[Step]) -> dict[int, int]:
    """For each place that needs no line of its own the place of the sum whose line it stands in.

    Its gradient is the sum's, so that ``y = b + w·x`` hands ``d_y * x`` to w at once.
    """
    if tape.kind != "value":
        return {}
    uses = Counter(place for step in steps for place in step.arguments)
    own = (
        {
            step.place
            for step in steps
            if step.rule.name in _INLINED and step.rule.builtin and not tape.names.get(step.place)
        }
        - set(tape.outputs)
        - {guard.place for guard in tape.guards}
    )
    sums = [step for step in steps if step.rule.name in ("add", "sum") and step.rule.builtin]
    return {place: step.place for step in sums for place in step.arguments if place in own and uses[place] == 1}
