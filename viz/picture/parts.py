"""What becomes one box of a picture: a node, a scope with its nodes, equal nodes, a long sum, or what is left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from autograd.backward_pass import creation
from autograd.node import Node
from autograd.recording import Scope

MAX_NODES = 150  # beyond, one screen is a wall of lines
ALONE = 3  # equal nodes with variables of their own that stay single; more are a family

PartKind = Literal["node", "group", "class", "sum", "more"]


class Part(NamedTuple):
    """One box of a picture.

    Attributes:
        members: the nodes that it stands for, oldest first.
        scope: the scope of a group; of several equal ones the first.
        times: how many equal parts the members are.
        terms: the addends of a sum; of several sums those of the first, none where they have not equally many.
        outcomes: the node that each of the equal parts results in, oldest first; empty where it is the last member.
        alike: whether the members only share their operation, and not what they are made of and used by.
    """

    kind: PartKind
    members: tuple[Node, ...]
    scope: Scope | None = None
    times: int = 1
    terms: tuple[Node, ...] = ()
    outcomes: tuple[Node, ...] = ()
    alike: bool = False

    @property
    def results(self) -> tuple[Node, ...]:
        """The node that each of its equal parts results in, oldest first."""
        return self.outcomes or self.members[-1:]


def single(node: Node) -> Part:
    """The part of one node."""
    return Part("node", (node,))


def merged(parts: Sequence[Part], alike: bool = False) -> Part:
    """Several parts of one kind as one part; one alone as it is."""
    first = parts[0]
    if len(parts) == 1:
        return first
    return Part(
        "class" if first.kind == "node" else first.kind,
        tuple(by_age(node for part in parts for node in part.members)),
        first.scope,
        sum(part.times for part in parts),
        first.terms if len({len(part.terms) for part in parts}) == 1 else (),
        tuple(by_age(node for part in parts for node in part.results)),
        alike,
    )


def in_order(parts: Iterable[Part]) -> list[Part]:
    """The parts in the order in which their first results were made: what uses another comes after it."""
    return sorted(parts, key=lambda part: part.results[0].id)


def part_of_nodes(parts: Iterable[Part]) -> dict[int, int]:
    """The place of each node's part, by node id."""
    return {node.id: place for place, part in enumerate(parts) for node in part.members}


def by_age(nodes: Iterable[Node]) -> list[Node]:
    """The nodes in order of creation."""
    return sorted(nodes, key=creation)
