"""Widths of text, against a real font."""

from pathlib import Path

import pytest

from viz.formats.label import Span
from viz.scene.measure import line_width, text_width

TEXTS = [
    "grad −0.004023", "v₁₂ = w[0]·x[0]", "0.5 × −3 = −1.5", "(2, 3) float64", "−1.3 … 1.5", "conv2d (5 nodes)", "loss",
    "1 − tanh(n)² = 0.5", "relu is closed: −2 ≤ 0", "2,918 nodes as 19 boxes: 4 sums", "model.layers[0].weight", "Σ",
]  # fmt: skip


@pytest.mark.parametrize("bold", [False, True])
@pytest.mark.parametrize("text", TEXTS)
def test_they_are_those_of_the_widest_font_or_a_little_more(text: str, bold: bool) -> None:
    matplotlib = pytest.importorskip("matplotlib", reason="it ships DejaVu Sans: pip install gradwalk[plot]")
    fonts = pytest.importorskip("PIL.ImageFont", reason="it measures text: pip install gradwalk[images]")
    file = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"DejaVuSans{'-Bold' if bold else ''}.ttf"
    true = fonts.truetype(str(file), 1000).getlength(text) / 100
    assert 0.98 * true <= text_width(text, 10.0, bold) <= 1.1 * true


def test_letters_of_east_asia_are_square_and_accents_take_no_room() -> None:
    assert text_width("한국", 10.0) == text_width("🙂🙂", 10.0) == 21.0
    assert text_width("e\u0301", 10.0) == text_width("e", 10.0)
    assert text_width("a\u200db", 10.0) == text_width("ab", 10.0)


def test_a_line_is_as_wide_as_its_spans() -> None:
    line = (Span("name", "ab"), Span("formula", " = c"))
    assert line_width(line, 10.0) == text_width("ab", 10.0, bold=True) + text_width(" = c", 10.0)
