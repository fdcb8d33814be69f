"""What of a graph is to be drawn, and how: the choices of `draw`, in one place."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from autograd.node import Node
from autograd.recording import Scope


@dataclass(frozen=True)
class View:
    """The choices of `draw` that concern the picture, whatever format it is written in.

    Attributes:
        max_nodes: the most boxes; None for no limit.
        of: only what lies on the paths from these nodes to the root.
        around, radius: only what at most `radius` arrows separate from the node `around`.
        where: only nodes for which this is true, and the root.
        depth: scopes with so many scopes around them are drawn as one box each.
        fold, unfold: names or paths of scopes, `*` for any text, that are drawn as one box, or never are.
        highlight: nodes of a path, from the argument to the result, that is drawn in colour.
        arguments: which argument each of them is of the next; empty where that is not given.
        wrong: nodes that are drawn as faulty.
        heat: arrays are drawn as colours too.
    """

    max_nodes: int | None = None
    of: tuple[Node, ...] = ()
    around: Node | None = None
    radius: int = 2
    where: Callable[[Any], Any] | None = None
    depth: int | None = None
    fold: tuple[str, ...] = ()
    unfold: tuple[str, ...] = ()
    highlight: tuple[Node, ...] = ()
    arguments: tuple[int, ...] = ()
    wrong: Collection[Node] = ()
    heat: bool = False

    def wants_fold(self, scope: Scope, depth: int) -> bool:
        """Whether a scope is to be one box, apart from any limit.

        Args:
            depth: how many scopes are around it.
        """
        if matches(scope, self.unfold):
            return False
        return (self.depth is not None and depth >= self.depth) or matches(scope, self.fold)


def matches(scope: Scope, patterns: Iterable[str]) -> bool:
    """Whether a scope's name or path is one of the patterns."""
    return any(fnmatchcase(scope.name, pattern) or fnmatchcase(scope.path, pattern) for pattern in patterns)
