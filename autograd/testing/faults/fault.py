"""What a fault is: a mistake in the calculus, with its story, and the changes that put it into the engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Change(NamedTuple):
    """One attribute that a fault replaces.

    Attributes:
        owner: the primitive, module or class that has it.
        attribute: its name.
        wrong: a function of what stands there that gives what takes its place. As it is given what it replaces, two
            faults in one place add up.
    """

    owner: Any
    attribute: str
    wrong: Callable[[Any], Any]


class Trigger(NamedTuple):
    """A call that a fault spoils: ``check_grad(function, *inputs)`` finds it.

    Attributes:
        function: of nodes.
        inputs: arrays, Values and the like, as a user would give them.
    """

    function: Callable[..., Any]
    inputs: tuple[Any, ...]


@dataclass(frozen=True)
class Fault:
    """A mistake in a derivative that `fault` switches on.

    Attributes:
        name: unique in the catalogue.
        family: the file of the catalogue that it stands in, such as "reductions".
        title: the mistake in a sentence.
        story: who had it; or why it is plausible.
        where: the operation that a report has to name; "the backward pass" for the walk itself, "detach" for a path
            that is cut, empty where nothing of the recorded graph is to blame.
        historical: whether the story tells of a real program; else the fault is plausible.
        causes: what a diagnosis may call it.
        changes: gives what switching it on replaces, of what stands there then.
        trigger: gives a call that it spoils, with inputs of its own each time.
    """

    name: str
    family: str
    title: str
    story: str
    where: str
    historical: bool
    causes: tuple[str, ...]
    changes: Callable[[], Sequence[Change]] = field(repr=False, compare=False)
    trigger: Callable[[], Trigger] = field(repr=False, compare=False)
