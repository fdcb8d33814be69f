"""What a picture says below itself: what it folds or leaves out, which path is in colour, what was changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from autograd.node import Node
from viz.picture.names import Names
from viz.picture.parts import Part
from viz.picture.slices import described
from viz.picture.view import View
from viz.picture.wording import counted

_SCOPES, _SUMS = ("scope", "scopes"), ("sum", "sums")
_EQUAL = ("class of equal nodes", "classes of equal nodes")
_ALIKE = ("class of similar nodes", "classes of similar nodes")


def make_notice(nodes: Sequence[Node], parts: Sequence[Part], view: View, called: Names, remarks: Sequence[str]) -> str:
    """The notice of a picture; empty where it shows the whole graph.

    Args:
        nodes: the whole graph.
        remarks: further sentences, some of which may be empty.
    """
    drawn = sum(len(part.members) for part in parts)
    said = [_slice(len(nodes), drawn, view, called), _folding(drawn, parts, view), *remarks]
    return ". ".join(sentence for sentence in said if sentence)


def _slice(total: int, drawn: int, view: View, called: Names) -> str:
    if drawn == total:
        return ""
    return f"{drawn:,} of {counted(total, 'node')}: those {described(view, called)}"


def _folding(drawn: int, parts: Sequence[Part], view: View) -> str:
    more = next((len(part.members) for part in parts if part.kind == "more"), 0)
    if all(part.kind == "node" for part in parts):
        return ""
    how = _kinds(parts)
    if more:
        how.append(f"{counted(more, 'node')} farther from the root left out")
    limited = view.max_nodes is not None and drawn > view.max_nodes
    remedy = "; max_nodes=None shows all" if limited else ""
    boxes = "1 box" if len(parts) == 1 else f"{len(parts):,} boxes"
    return f"{counted(drawn, 'node')} as {boxes}: {', '.join(how)}{remedy}"


def _kinds(parts: Sequence[Part]) -> list[str]:
    counts = Counter(_noun(part) for part in parts if part.kind not in ("node", "more"))
    return [
        f"{counts[nouns]:,} {nouns[counts[nouns] > 1]}" for nouns in (_SCOPES, _SUMS, _EQUAL, _ALIKE) if counts[nouns]
    ]


def _noun(part: Part) -> tuple[str, str]:
    """What a part is called, alone and among others of its kind."""
    if part.kind == "class":
        return _ALIKE if part.alike else _EQUAL
    return _SUMS if part.kind == "sum" else _SCOPES
