"""A training's history as a picture; imported only where one is drawn, for it needs Matplotlib."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

if TYPE_CHECKING:
    from nn.training.history import History

TRAINING, VALIDATION = "#0072B2", "#D55E00"  # told apart with every kind of colour vision (Okabe and Ito, 2008)
PANEL = (5.6, 4.2)  # inches
DOTS_PER_INCH = 150
MOST_MARKED = 30  # epochs, beyond which a mark for each would hide the line


class HistoryFigure(Figure):
    """A figure that a notebook shows without a plotting backend, and that no global list keeps alive."""

    def _repr_png_(self) -> bytes:
        file = io.BytesIO()
        self.savefig(file, format="png")
        return file.getvalue()


def figure_of(history: History) -> Figure:
    """One panel for the loss, and one for each metric."""
    metrics = list(dict.fromkeys([*history.metrics, *history.validation_metrics]))
    width, height = PANEL
    figure = HistoryFigure(figsize=(width * (1 + len(metrics)), height), dpi=DOTS_PER_INCH)
    figure.set_layout_engine("constrained", w_pad=0.12, h_pad=0.12)
    panels = figure.subplots(1, 1 + len(metrics), squeeze=False)[0]
    _draw(panels[0], "loss", history.loss, history.validation_loss)
    for panel, name in zip(panels[1:], metrics, strict=True):
        _draw(panel, name, history.metrics.get(name, []), history.validation_metrics.get(name, []))
    return figure


def _draw(panel: Axes, name: str, training: list[float], validation: list[float]) -> None:
    for part, numbers, colour, style in (
        ("training", training, TRAINING, "-"),
        ("validation", validation, VALIDATION, "--"),
    ):
        if numbers:
            marker: Any = "o" if len(numbers) <= MOST_MARKED else ""
            epochs = range(1, len(numbers) + 1)
            label = f"{part}, {numbers[-1]:.4g} at the end"
            panel.plot(epochs, numbers, style, color=colour, marker=marker, markersize=5, linewidth=2.2, label=label)
    panel.set_xlabel("epoch", fontsize=14)
    panel.set_ylabel(name, fontsize=14)
    panel.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    panel.tick_params(labelsize=12)
    panel.grid(visible=True, color="0.9")
    panel.set_axisbelow(True)
    panel.spines[["top", "right"]].set_visible(False)
    if training or validation:
        panel.legend(fontsize=12, frameon=False)
