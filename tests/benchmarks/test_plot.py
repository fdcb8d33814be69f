"""The plots: made, not empty, the dots where the ratios are."""

import pytest

from benchmarks import plot

pytest.importorskip("matplotlib", reason="matplotlib draws the plots")


def row(mode: str, ratio: float, peer: str = "PyTorch 2", reference: bool = True, **changes):
    given = {"workload": "step", "mode": mode, "peer": peer, "reference": reference, "status": "measured"}
    return {**given, "ratio": ratio, "spread": [0.9 * ratio, 1.1 * ratio], **changes}


ROWS = [
    row("eager", 1.5),
    row("replay", 0.5),
    row("fast", 0.01),
    row("eager", 0.2, "JAX 1", reference=False),
    {"workload": "step", "peer": "tinygrad", "mode": "", "reference": True, "status": "not measured", "reason": "no"},
]


def test_two_plots_are_made_and_are_not_empty(tmp_path):
    from matplotlib.image import imread

    said = plot.save_all(ROWS, tmp_path / "made" / "out.json")
    first, every = (tmp_path / "made" / name for name in ("out.png", "out-peers.png"))
    assert str(first) in said[0]
    assert str(every) in said[0]
    small, large = imread(first), imread(every)
    assert large.shape[0] > small.shape[0]  # one more line of dots
    for image in (small, large):
        assert image[..., :3].std() > 0.05
        assert image.shape[1] > 1000


def test_each_dot_lies_at_its_ratio_on_a_logarithmic_axis(tmp_path, monkeypatch):
    from matplotlib.figure import Figure

    figures = []
    monkeypatch.setattr(Figure, "savefig", lambda figure, path: figures.append(figure))
    plot.save([each for each in ROWS if each["status"] == "measured"], tmp_path / "out.png")
    (axes,) = figures[0].axes
    assert axes.get_xscale() == "log"
    assert [label.get_text() for label in axes.get_yticklabels()] == ["step   |   PyTorch 2", "JAX 1"]
    dots = {
        group.get_label(): group.get_offsets().tolist() for group in axes.collections if group.get_label()[0] != "_"
    }
    assert [x for x, _ in dots["eager"]] == [1.5, 0.2]
    assert [round(y) for _, y in dots["eager"]] == [0, 1]
    assert [x for x, _ in dots["replay"]] == [0.5]
    assert [x for x, _ in dots["replay fast"]] == [0.01]
    assert any(line.get_xdata() == [1.0, 1.0] for line in axes.lines)  # parity
    assert {"1.50", "0.50", "1/100", "1/5.0"} <= {text.get_text() for text in axes.texts}


def test_nothing_measured_is_no_plot(tmp_path):
    assert plot.save_all(ROWS[-1:], tmp_path / "out.json") == ["No plot: nothing was measured beside a peer."]
    assert not list(tmp_path.iterdir())
