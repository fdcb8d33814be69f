"""Long sums `a + b + c + …` as one part with its terms."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from autograd.node import Node
from viz.picture.parts import Part, by_age

_FEWEST = 3  # terms; a + b is an addition like any other


def with_sums(parts: Sequence[Part], kept: Collection[int]) -> list[Part]:
    """The parts, with additions whose result only another addition uses joined to one sum of at least three terms.

    A sum may begin with a 0 that nothing else uses, as Python's `sum` does: it is a member, and no term.

    Args:
        parts: only those of single nodes are joined.
        kept: ids of nodes that stay as they are.
    """
    single = [part.members[0] for part in parts if part.kind == "node"]
    additions = {node.id: node for node in single if _adds(node)}
    users = _only_users(parts)
    inner = {id for id, node in additions.items() if id not in kept and _continues(node, users.get(id), additions)}
    sums: dict[int, Part] = {}
    gone: set[int] = set()
    for id, node in additions.items():
        if id not in inner:
            members, terms = _unrolled(node, inner, users, kept)
            if len(terms) >= _FEWEST:
                gone.update(member.id for member in members)
                sums[id] = Part("sum", tuple(by_age(members)), terms=tuple(terms), outcomes=(node,))
    return [
        sums.get(part.members[0].id, part)
        for part in parts
        if part.kind != "node" or part.members[0].id not in gone or part.members[0].id in sums
    ]


def _adds(node: Node) -> bool:
    """Whether a node adds its arguments up: two of any kind, or any number of scalars."""
    if node.rule is None:
        return False
    return node.rule.name == "add" or (node.rule.name == "sum" and len(node.parents) > 1)


def _only_users(parts: Sequence[Part]) -> dict[int, Node | None]:
    """The node that alone uses another, and once; None for what is used more often."""
    users: dict[int, Node | None] = {}
    for part in parts:
        for node in part.members:
            for parent in node.parents:
                users[parent.id] = None if parent.id in users else node
    return users


def _continues(node: Node, user: Node | None, additions: Collection[int]) -> bool:
    """Whether an addition is but a step of the one that uses it."""
    return user is not None and user.id in additions and node.innermost_scope is user.innermost_scope


def _unrolled(
    total: Node, inner: Collection[int], users: dict[int, Node | None], kept: Collection[int]
) -> tuple[list[Node], list[Node]]:
    """The additions of the sum that ends in `total`, and its terms from left to right."""
    members, terms = [], []
    pending = [total]
    while pending:
        node = pending.pop()
        if node is total or node.id in inner:
            members.append(node)
            pending += node.parents[::-1]
        elif _is_start(node) and users[node.id] is not None and node.id not in kept:
            members.append(node)
        else:
            terms.append(node)
    return members, terms


def _is_start(node: Node) -> bool:
    """Whether a node is the scalar constant 0."""
    return node.is_leaf and not node.requires_grad and isinstance(node.data, float) and node.data == 0.0
