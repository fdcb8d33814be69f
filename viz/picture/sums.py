"""Long sums `a + b + c + …` as one part with its terms."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from autograd.node import Node
from viz.picture.parts import Part, by_age

_FEWEST = 3  # terms; a + b is an addition like any other


def with_sums(parts: Sequence[Part], kept: Collection[int]) -> list[Part]:
    """The parts, with additions one upon the other, whose results nothing else uses, as one sum of three terms or more.

    A sum goes on from left to right, as `a + b + c` and loops do: in `a + b + (c + d)` the term in parentheses is a
    result of its own. It may begin with a 0 that nothing else uses, as Python's `sum` does: a member, and no term.

    Args:
        parts: only those of single nodes are joined.
        kept: ids of nodes that stay as they are.
    """
    single = [part.members[0] for part in parts if part.kind == "node"]
    additions = {node.id: node for node in single if _adds(node)}
    users = _only_users(parts)
    inner = {id for id, node in additions.items() if id not in kept and _is_continued(node, users.get(id))}
    sums: dict[int, Part] = {}
    gone: set[int] = set()
    for id, node in additions.items():
        if id not in inner:
            members, terms = _unrolled(node, inner)
            if _is_zero(terms[0]) and terms[0].id not in kept and users[terms[0].id] is not None:
                members.append(terms.pop(0))
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


def _is_continued(node: Node, user: Node | None) -> bool:
    """Whether an addition is but a step of the one that uses it."""
    if user is None or user.rule is None or user.rule.name != "add" or user.parents[0] is not node:
        return False
    return node.innermost_scope is user.innermost_scope


def _unrolled(total: Node, inner: Collection[int]) -> tuple[list[Node], list[Node]]:
    """The additions of the sum that ends in `total`, and its terms from left to right."""
    node, members, terms = total, [total], []
    while node.parents[0].id in inner and node.rule is not None and node.rule.name == "add":
        terms.append(node.parents[1])
        node = node.parents[0]
        members.append(node)
    return members, [*node.parents, *reversed(terms)]


def _is_zero(node: Node) -> bool:
    """Whether a node is the scalar constant 0."""
    return node.is_leaf and not node.requires_grad and isinstance(node.data, float) and node.data == 0.0
