"""A picture as a Mermaid flowchart, which GitHub, GitLab and many editors draw where a document contains its text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from viz import style
from viz.formats import words
from viz.formats.dot import RankDir
from viz.formats.label import arrow_lines, label_lines, plain
from viz.picture import Picture, PictureCluster, PictureEdge, PictureNode

# What Mermaid, the Markdown that some of its versions read labels as, or HTML would take for more than text. Written as
# an entity code it stays text; letters, digits and harmless signs stay as they are, so that the source can be read.
_SPECIAL = re.compile(
    r"""
      [^\w\s,.()\[\]+=/?\u0080-\U0010ffff]  # the rest of ASCII
    | (?<![^\W_])_ | _(?![^\W_])            # emphasis at the edge of a word
    | ^\s*\d+[.)](?=\s|$) | ^\s*[+=]       # the start of a list, a heading's underline
    | (?<=\])\( | (?i:(?<=www))\.           # links
    | \s$                                   # two at the end of a line would break it
    """,
    re.VERBOSE,
)

_SHAPES = {
    "leaf": ("[", "]"),
    "value": ("(", ")"),
    "constant": ("[", "]"),
    "group": ("[[", "]]"),
    "class": ("[[", "]]"),
    "sum": ("{{", "}}"),
    "more": ("[", "]"),
}
_ARROWS = {"": "-->", "path": "==>", "dead": "-.->", "wrong": "-->"}
_NOTICE = "notice"
_SETTINGS = '%%{init: {"flowchart": {"wrappingWidth": 480}}}%%'  # pixels; at 200, the default, most lines would break


def to_mermaid(picture: Picture, rankdir: RankDir = "LR") -> str:
    """The Mermaid text of a picture.

    Frames are subgraphs, kinds and marks are classes. Mermaid itself refuses more than 500 arrows or 50,000 characters
    unless `maxEdges` and `maxTextSize` are raised where it runs, which a document on GitHub cannot do.

    Args:
        rankdir: the direction from arguments to results.

    Example:
        >>> from autograd import Value
        >>> from viz.picture import make_picture
        >>> text = to_mermaid(make_picture(Value(2.0, "a").exp()))
        >>> print(text.split("classDef")[0])
        %%{init: {"flowchart": {"wrappingWidth": 480}}}%%
        flowchart LR
        accTitle: Computation graph of v₁
        accDescr: 2 nodes, 1 edge, value 7.389.
        n0["a
        2
        grad —"]
        n1("v₁ = e#94;a
        7.389
        grad —")
        n0 -->|"e#94;a = 7.389"| n1
        <BLANKLINE>
    """
    lines = [
        _SETTINGS,
        f"flowchart {rankdir}",
        f"accTitle: {_escaped(picture.title)}",
        f"accDescr: {_escaped(words.summary(picture))}",
        *_boxes(picture),
        *_arrows(picture.edges),
        *_classes(picture),
        *_link_styles(picture.edges),
    ]
    return "\n".join(lines)


def _escaped(text: str) -> str:
    """Text with the last character of whatever is special as an entity code.

    Mermaid writes entity codes for itself as ﬂ°34¶ß, and reads these in the finished drawing: an unseen character in
    between keeps them text.
    """
    text = text.replace("ﬂ°", "ﬂ\u2060°").replace("¶ß", "¶\u2060ß")
    return _SPECIAL.sub(lambda found: f"{found[0][:-1]}#{ord(found[0][-1])};", text)


def _quoted(lines: Iterable[str]) -> str:
    """A label of several lines; a line break is the one separator that no version of Mermaid reads HTML for."""
    return '"' + "\n".join(map(_escaped, lines)) + '"'


def _boxes(picture: Picture) -> Iterator[str]:
    """Every box inside its frame, every frame inside its parent."""
    members: dict[str | None, list[PictureNode]] = {}
    for node in picture.nodes:
        members.setdefault(node.cluster, []).append(node)
    inner: dict[str | None, list[PictureCluster]] = {}
    for cluster in picture.clusters:
        inner.setdefault(cluster.parent, []).append(cluster)

    yield from map(_box, members.get(None, []))
    open_frames = [iter(inner.get(None, []))]
    while open_frames:
        frame = next(open_frames[-1], None)
        if frame is None:
            open_frames.pop()
            if open_frames:
                yield "end"
        else:
            yield f"subgraph {frame.id}[{_quoted([frame.name])}]"
            yield from map(_box, members.get(frame.id, []))
            open_frames.append(iter(inner.get(frame.id, [])))
    if picture.notice:
        yield f"{_NOTICE}[{_quoted([picture.notice])}]"


def _box(node: PictureNode) -> str:
    opening, closing = _SHAPES[node.kind]
    lines = [plain(line) for line in label_lines(node)]
    return f"{node.id}{opening}{_quoted([words.marked(lines[0], node.mark), *lines[1:]])}{closing}"


def _arrows(edges: Sequence[PictureEdge]) -> Iterator[str]:
    leaving = Counter(edge.source for edge in edges)
    for edge in edges:
        arrow = _ARROWS[edge.mark] if edge.carries_gradient else "-.->"
        lines = [plain(line) for line in arrow_lines(edge, leaving[edge.source] > 1) if line]
        label = f"|{_quoted(lines)}|" if lines else ""
        yield f"{edge.source} {arrow}{label} {edge.target}"


def _classes(picture: Picture) -> Iterator[str]:
    """The looks of kinds and marks that occur, each with the boxes that have it."""
    members: dict[str, list[str]] = {name: [] for name in (*_SHAPES, "root", *_ARROWS)}
    for node in picture.nodes:
        members[node.kind].append(node.id)
        members[node.mark].append(node.id)
    members["root"].append(picture.root.id)
    for name, ids in members.items():
        if name and ids:
            yield f"classDef {name}Box {_declared(style.look_of([name], 'box'))},color:{_text_colour(name)}"
            yield f"class {','.join(ids)} {name}Box"
    if picture.notice:
        yield f"classDef {_NOTICE}Box fill:none,stroke:none"
        yield f"class {_NOTICE} {_NOTICE}Box"


def _text_colour(name: str) -> str:
    """The colour that all text in a box has, since Mermaid gives each box one."""
    return style.look_of([style.ROOT, name], "name").fill or style.INK


def _link_styles(edges: Iterable[PictureEdge]) -> Iterator[str]:
    """The looks of marked arrows; their texts keep the colours of the page, which may be dark."""
    marked = [(str(place), edge.mark) for place, edge in enumerate(edges)]
    for mark in filter(None, _ARROWS):
        places = [place for place, each in marked if each == mark]
        if places:
            yield f"linkStyle {','.join(places)} {_declared(style.look_of([mark], 'wire'))}"


def _declared(look: style.Look) -> str:
    said = {
        "fill": look.fill,
        "stroke": look.stroke,
        "stroke-width": None if look.stroke_width is None else f"{look.stroke_width:g}px",
        "stroke-dasharray": look.stroke_dasharray,
    }
    return ",".join(f"{key}:{value}" for key, value in said.items() if value)
