"""What a layout engine is told: the sizes of blocks, what leads where, and nothing else.

No text of the user's reaches it, so no name can break it, and no font is asked for but a frame's. The rules that keep
every build of Graphviz well: plain labels, none whose first line is empty beside others, no `size=`, no
`splines=ortho`, and everything in order of creation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import takewhile

from viz.picture import Picture, PictureCluster
from viz.scene.block import Block
from viz.scene.measure import text_width

OUTPUT = "output"  # the wire that leaves a circuit's root

# Of the network simplex that straightens wires: graphs of up to 350 nodes end before, so their layouts stay the same;
# a network of 1,032 took 2.0 s instead of 2.8, with wires that go up and down by a tenth more.
_STEPS = 2000
_POINTS = 72.0  # to an inch
_SIDES = {"LR": ("w", "e"), "RL": ("e", "w"), "TB": ("n", "s"), "BT": ("s", "n")}  # where wires come in, and go out
_INLETS = 12  # arrows into one block that each get a place of their own; of more, all share one
_FRAME_FONT_SIZE = 11
_LETTER = text_width("t", _FRAME_FONT_SIZE)


def skeleton(
    picture: Picture, blocks: Mapping[str, Block], rooms: Mapping[str, Block], rankdir: str, has_heads: bool
) -> str:
    """The DOT text to lay out.

    Args:
        blocks: of the nodes, by id.
        rooms: for the text along the wires, by the arrow's id: each is a block that its wire passes through.
        has_heads: whether arrows end in heads.
    """
    spread = 14 if rankdir in ("LR", "RL") else 18
    patience = f"{_STEPS / max(len(blocks) + len(rooms), 1):.3f}"  # Graphviz counts in times the nodes
    statements = _statements(picture, blocks, rooms)
    return "\n".join(
        [
            "digraph gradwalk{",
            f"graph[rankdir={rankdir},nodesep={_inches(spread)},ranksep={_inches(22)},nslimit={patience},nslimit1={patience},"
            f'fontname="DejaVu Sans",fontsize={_FRAME_FONT_SIZE},labeljust=l]',
            'node[shape=box,fixedsize=true,label=""]',
            "edge[arrowhead=none,arrowtail=none]",
            *statements[None],
            *_frames(picture.clusters, statements),
            *_arrows(picture, rooms, rankdir, ",arrowhead=normal,arrowsize=0.6" if has_heads else ""),
            "}\n",
        ]
    )


def _statements(
    picture: Picture, blocks: Mapping[str, Block], rooms: Mapping[str, Block]
) -> dict[str | None, list[str]]:
    """The blocks in each frame, by its id; the text along a wire is in the innermost frame around both of its ends."""
    inlets = _inlets(picture)
    statements: dict[str | None, list[str]] = {None: []}
    cluster_of = {node.id: node.cluster for node in picture.nodes}
    for node in picture.nodes:
        block, count = blocks[node.id], inlets.get(node.id, 0)
        record = f',shape=record,label="{_fields(block, count)}"' if count else ""
        statements.setdefault(node.cluster, []).append(f"{node.id}[{_size(block)}{record}]")
    around = _chains(picture.clusters)
    for edge in picture.edges:
        if edge.id in rooms:
            cluster = _common(around, cluster_of[edge.source], cluster_of[edge.target])
            statements.setdefault(cluster, []).append(f"{edge.id}[{_size(rooms[edge.id])}]")
    if OUTPUT in rooms:
        statements[None].append(f"{OUTPUT}[{_size(rooms[OUTPUT])}]")
    return statements


def _arrows(picture: Picture, rooms: Mapping[str, Block], rankdir: str, head: str) -> Iterator[str]:
    """Each arrow in one stretch, or with text in two: to the text, and on from there."""
    comes_in, goes_out = _SIDES[rankdir]
    inlets, backward = _inlets(picture), runs_back(picture)
    places: dict[str, int] = {}
    for edge in picture.edges:
        place = places[edge.target] = places.get(edge.target, -1) + 1
        outlet = f"{edge.source}:{goes_out}"
        inlet = f"{edge.target}:{place}:{comes_in}" if edge.target in inlets else f"{edge.target}:{comes_in}"
        back = edge.id in backward
        if edge.id in rooms:
            near, far = (goes_out, comes_in) if back else (comes_in, goes_out)
            yield _stretch(outlet, f"{edge.id}:{near}", f"id={edge.id}a", back)
            yield _stretch(f"{edge.id}:{far}", inlet, f"id={edge.id}b{head}", back)
        else:
            yield _stretch(outlet, inlet, f"id={edge.id},minlen=2{head}", back)
    if OUTPUT in rooms:
        yield f"{picture.root.id}:{goes_out}->{OUTPUT}:{comes_in}[id={OUTPUT}a,weight=4]"


def runs_back(picture: Picture) -> set[str]:
    """The arrows from a later box to an earlier one, as between classes: they are laid out against their direction."""
    order = {node.id: place for place, node in enumerate(picture.nodes)}
    return {edge.id for edge in picture.edges if order[edge.source] > order[edge.target]}


def _inlets(picture: Picture) -> dict[str, int]:
    """How many arrows lead to each node that several lead to, but not too many to tell them apart."""
    counts: dict[str, int] = {}
    for edge in picture.edges:
        counts[edge.target] = counts.get(edge.target, 0) + 1
    return {id: count for id, count in counts.items() if 2 <= count <= _INLETS}


def _fields(block: Block, count: int) -> str:
    """The fields of a record, at which wires come in; at a gate they stay near its middle."""
    aside = round(count * (block.height / (2 * block.gate[1]) - 1) / 2) if block.gate else 0
    return "|" * aside + "|".join(f"<{place}>" for place in range(count)) + "|" * aside


def _stretch(start: str, end: str, attributes: str, back: bool) -> str:
    """One stretch of an arrow."""
    return f"{end}->{start}[dir=back,{attributes.replace('head', 'tail')}]" if back else f"{start}->{end}[{attributes}]"


def _size(block: Block) -> str:
    return f"width={_inches(block.width)},height={_inches(block.height)}"


def _inches(points: float) -> str:
    return f"{points / _POINTS:.4f}"


def _chains(clusters: Iterable[PictureCluster]) -> dict[str | None, tuple[str, ...]]:
    """The frames around each frame and itself, the outermost first."""
    chains: dict[str | None, tuple[str, ...]] = {None: ()}
    for cluster in clusters:  # a parent comes before its children
        chains[cluster.id] = (*chains[cluster.parent], cluster.id)
    return chains


def _common(chains: Mapping[str | None, tuple[str, ...]], one: str | None, other: str | None) -> str | None:
    """The innermost frame around both."""
    if one == other or one is None or other is None:
        return one if one == other else None
    shared = [a for a, b in takewhile(lambda pair: pair[0] == pair[1], zip(chains[one], chains[other], strict=False))]
    return shared[-1] if shared else None


def _frames(clusters: tuple[PictureCluster, ...], statements: Mapping[str | None, list[str]]) -> list[str]:
    """Every frame inside its parent. A parent comes before its children, so the last are finished first."""
    finished: dict[str | None, list[list[str]]] = {}
    for cluster in reversed(clusters):
        title = "t" * max(1, round(text_width(cluster.name, _FRAME_FONT_SIZE) / _LETTER))  # as wide as its name
        frame = [f"subgraph cluster_{cluster.id}{{", f'graph[label="{title}"]', *statements.get(cluster.id, ())]
        for inner in reversed(finished.pop(cluster.id, [])):
            frame += inner
        finished.setdefault(cluster.parent, []).append([*frame, "}"])
    return [line for frame in reversed(finished.get(None, [])) for line in frame]
