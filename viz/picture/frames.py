"""The frames of a picture: one around the boxes of each scope that is drawn open; equal scopes may share one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import takewhile

from autograd.recording import Scope
from autograd.safe_text import short_name
from autograd.variables import as_indices
from viz.picture.model import PictureCluster
from viz.picture.parts import Part
from viz.picture.patterns import common_name, pattern_of

_DEEPEST = 24  # frames inside frames; what is nested deeper lies in the innermost of them


def make_frames(parts: Sequence[Part]) -> tuple[tuple[PictureCluster, ...], list[str | None]]:
    """The frames of the scopes around the boxes, and for each part the id of the innermost frame around it.

    Scopes that share a box share a frame, which says how many they are: `conv2d × 3`.
    """
    around = [_scopes_around(part) for part in parts]
    joined = _Joined()
    for levels in around:
        for scopes in levels:
            joined.join(scopes)

    ids: dict[int, str] = {}
    frames: list[PictureCluster] = []
    sizes: dict[str | None, int] = {None: 1}
    innermost: list[str | None] = []
    for levels in around:
        frame = None
        for depth, scopes in enumerate(levels):
            first = joined.first(scopes[0])
            if first.serial not in ids:
                same = joined.with_first(first)
                id = ids[first.serial] = f"c{len(frames)}"
                frames.append(PictureCluster(id, _name(same, sizes[frame]), frame, depth))
                sizes[id] = len(same)
            frame = ids[first.serial]
        innermost.append(frame)
    return tuple(frames), innermost


def _scopes_around(part: Part) -> list[list[Scope]]:
    """The scopes around a part, from the outside in; of several nodes as far in as their names' patterns agree."""
    if part.kind == "more":  # its members may lie in many scopes
        return []
    depth = _DEEPEST if part.scope is None else min(len(part.scope.chain) - 1, _DEEPEST)
    innermost: dict[int, Scope] = {}
    for node in part.results:
        scope = node.innermost_scope
        if scope is None:
            return []
        innermost[scope.serial] = scope
    levels = takewhile(_alike, zip(*(scope.chain[:depth] for scope in innermost.values()), strict=False))
    return [list({scope.serial: scope for scope in level}.values()) for level in levels]


def _alike(scopes: Sequence[Scope]) -> bool:
    return len({pattern_of(scope.name) for scope in scopes}) == 1


def _name(scopes: Sequence[Scope], outer: int) -> str:
    """A frame's name, and how many equal scopes it is around for each of the `outer` ones of the frame around it."""
    if len(scopes) == 1:
        return short_name(scopes[0].name)
    name = short_name(common_name(as_indices(scope.name) for scope in scopes))
    each = len(scopes) // outer if len(scopes) % outer == 0 else len(scopes)
    return name if each == 1 else f"{name} × {each:,}"


class _Joined:
    """Scopes that belong together, directly or by way of others."""

    def __init__(self) -> None:
        self._first: dict[int, Scope] = {}
        self._members: dict[int, list[Scope]] = {}

    def join(self, scopes: Iterable[Scope]) -> None:
        """Let the scopes, and all that were joined to any of them, belong together."""
        firsts = {self.first(scope).serial: self.first(scope) for scope in scopes}
        into, *others = (firsts[serial] for serial in sorted(firsts))
        for other in others:
            for scope in self._members.pop(other.serial):
                self._first[scope.serial] = into
                self._members[into.serial].append(scope)

    def first(self, scope: Scope) -> Scope:
        """The first of the scopes that a scope belongs with."""
        if scope.serial not in self._first:
            self._first[scope.serial], self._members[scope.serial] = scope, [scope]
        return self._first[scope.serial]

    def with_first(self, first: Scope) -> list[Scope]:
        """All scopes that belong with one that is the first of them, oldest first."""
        return sorted(self._members[first.serial], key=lambda scope: scope.serial)
