"""The ratios as dots on a logarithmic axis: left of the line of parity gradwalk is faster."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.report import ratio
from benchmarks.workload import MODE_NAMES

# The colours are Okabe and Ito's, which nearly everyone can tell apart; the shift keeps one dot from hiding another.
MARKERS = {"eager": ("o", "#0072b2", -0.2), "replay": ("s", "#d55e00", 0.0), "fast": ("D", "#009e73", 0.2)}
ROW_HEIGHT = 0.34  # inches


def save_all(rows: Sequence[dict[str, Any]], output: Path) -> list[str]:
    """Plots beside the JSON file: one of the peers that the bars are of, one of every peer.

    Args:
        rows: of the JSON document.
        output: the JSON file; ``latest.json`` gets ``latest.png`` and ``latest-peers.png`` beside it.

    Returns:
        What to tell of them.
    """
    measured = [row for row in rows if row["status"] == "measured" and "ratio" in row]
    if not measured:
        return ["No plot: nothing was measured beside a peer."]
    try:
        import matplotlib.figure  # noqa: F401
    except ImportError:
        return ["No plot: matplotlib is not installed (pip install 'gradwalk[plot]')."]
    first, every = output.with_suffix(".png"), output.with_name(f"{output.stem}-peers.png")
    save([row for row in measured if row["reference"]] or measured, first)
    save(measured, every)
    return [f"Plots: {first}, {every}"]


def save(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """One line of dots for each workload and peer, and one dot on it for each of gradwalk's modes."""
    from matplotlib.figure import Figure

    lines = list(dict.fromkeys((row["workload"], row["peer"]) for row in rows))
    figure = Figure(figsize=(13.3, 1.6 + ROW_HEIGHT * len(lines)), dpi=110, layout="constrained")
    axes = figure.add_subplot()
    for mode, (marker, colour, shift) in MARKERS.items():
        own = [row for row in rows if row["mode"] == mode]
        places = [lines.index((row["workload"], row["peer"])) + shift for row in own]
        values = [row["ratio"] for row in own]
        spreads = [[max(row["ratio"] - row["spread"][0], 0.0) for row in own]]
        spreads += [[max(row["spread"][1] - row["ratio"], 0.0) for row in own]]
        axes.errorbar(values, places, xerr=spreads, fmt="none", ecolor=colour, elinewidth=2, alpha=0.5)
        axes.scatter(values, places, marker=marker, s=60, color=colour, label=MODE_NAMES[mode], zorder=3)
    axes.axvline(1.0, color="black", linewidth=1.5)
    axes.annotate("parity", (1.0, 1.0), (4, 3), xycoords=("data", "axes fraction"), textcoords="offset points")
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}" if value >= 1 else f"1/{1 / value:,.0f}")
    axes.set_yticks(range(len(lines)), _labels(lines), fontsize=11)
    axes.set_ylim(len(lines) - 0.5, -0.5)
    axes.tick_params(axis="x", labelsize=12)
    axes.set_xlabel("gradwalk's measure ÷ the peer's, logarithmic: left of parity gradwalk takes less", fontsize=13)
    axes.grid(axis="both", alpha=0.3)
    _write_numbers(axes, rows, lines)
    figure.legend(loc="outside upper right", ncols=len(MARKERS), fontsize=13, frameon=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)


def _labels(lines: Sequence[tuple[str, str]]) -> list[str]:
    """The workload and the peer; below it, further peers of the same workload alone."""
    repeated = [number > 0 and lines[number - 1][0] == line[0] for number, line in enumerate(lines)]
    return [peer if known else f"{work}   |   {peer}" for (work, peer), known in zip(lines, repeated, strict=True)]


def _write_numbers(axes: Any, rows: Sequence[dict[str, Any]], lines: list[tuple[str, str]]) -> None:
    """The ratios in columns of their own on the right, where no dot hides them."""
    for place, line in enumerate(lines):
        own = {row["mode"]: row["ratio"] for row in rows if (row["workload"], row["peer"]) == line}
        for column, (mode, (_, colour, _)) in enumerate(MARKERS.items()):
            axes.annotate(
                ratio(own[mode]) if mode in own else "–",
                (1.0, place),
                (8 + 56 * column, 0),
                xycoords=axes.get_yaxis_transform(),
                textcoords="offset points",
                color=colour,
                va="center",
                fontsize=11,
            )
