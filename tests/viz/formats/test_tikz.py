"""The picture as TikZ: the shapes and texts of the SVG, in words that any LaTeX reads."""

import re

import pytest

from tests.viz.formats.test_svg import NASTY, STYLES, drawing_of, nasty_drawing
from tests.viz.svg_reader import groups, texts
from viz.formats.tikz import latex_text, to_tikz

COMMANDS = r"\\(?:begin|end|definecolor|path|node)\b"
RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


WORDS = {
    r"$\cdot$": "·", r"$\times$": "×", r"$\partial$": "∂", r"$\Sigma$": "Σ", r"$\le$": "≤", r"$\ge$": "≥",
    r"$\infty$": "∞", r"$\emptyset$": "∅", r"$\sigma$": "σ", r"$\to$": "→", r"$\surd$": "√", "$-$": "−", "---": "—",
    r"\textasciicircum{}": "^", r"\textasciitilde{}": "~", r"\textless{}": "<", r"\textgreater{}": ">",
    r"\textbar{}": "|", r"\textquotedbl{}": '"', r"\dots{}": "…", r"\textbackslash{}": "\\\0",
}  # fmt: skip


def text_of(latex: str) -> str:
    """What a reader sees of a text, with signs for what was written in mathematics."""
    for word, sign in WORDS.items():
        latex = latex.replace(word, sign)
    latex = re.sub(r"\$_\{(\d+)\}\$", lambda found: found[1].translate(LOWERED), latex)
    latex = re.sub(r"\$\^\{([-\d]+)\}\$", lambda found: found[1].translate(RAISED), latex)
    return re.sub(r"\\([{}$&#%_ ])", r"\1", latex).replace("\0", "")


def spans_of(tikz: str) -> list[str]:
    nodes = re.findall(r"\\node\[.*?\] at \(.*?\) \{(.*)\};$", tikz, flags=re.MULTILINE)
    return [text_of(span) for node in nodes for span in _parts(node)]


def _parts(node: str) -> list[str]:
    parts = re.split(r"\{\\color\{gw[0-9A-F]{6}\}(?:\\bfseries )?", node)[1:]
    assert all(part.endswith("}") for part in parts)
    return [part[:-1] for part in parts]


@pytest.mark.parametrize("style", STYLES)
def test_every_text_of_the_svg_is_in_it(dot: str, style: str) -> None:
    drawing = drawing_of("every_kind", style)
    ours = [span for group in groups(drawing.svg).values() for text in texts(group) for span in (list(text) or [text])]
    assert sorted(spans_of(drawing.tikz)) == sorted(str(span.text).replace("✗", "×") for span in ours)


@pytest.mark.parametrize("style", STYLES)
def test_it_has_a_path_for_each_shape_and_each_of_its_colours_is_defined(dot: str, style: str) -> None:
    drawing = drawing_of("every_kind", style)
    tikz = drawing.tikz
    shapes = [shape for group in drawing.scene.groups for shape in (*group.lines, *group.shapes)]
    cells = [shape for shape in shapes if type(shape).__name__ == "Cells"]
    others = [shape for shape in shapes if type(shape).__name__ not in ("Cells", "Text")]
    assert tikz.count("\\path[") == len(others) + sum(len(cell.corners) for cell in cells)  # type: ignore[union-attr]
    used = set(re.findall(r"(?:fill|draw)=(gw[0-9A-F]{6})|\\color\{(gw[0-9A-F]{6})\}", tikz))
    defined = re.findall(r"\\definecolor\{(gw[0-9A-F]{6})\}\{HTML\}\{([0-9A-F]{6})\}", tikz)
    assert {one or other for one, other in used} == {name for name, _ in defined}
    assert all(name == f"gw{code}" for name, code in defined)
    assert all(re.match(COMMANDS, line) for line in tikz.splitlines())


def test_any_name_is_text_and_never_a_command(dot: str) -> None:
    tikz = to_tikz(nasty_drawing(NASTY).scene)
    for node in re.findall(r"^\\node.*$", tikz, flags=re.MULTILINE):
        assert node.count("{") - node.count(r"\{") == node.count("}") - node.count(r"\}")


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("a·b = −3", r"a$\cdot$b = $-$3"),
        (" × 12", r"\ $\times$ 12"),
        ("w_1^2 {x} \\ 5 %", r"w\_1\textasciicircum{}2 \{x\} \textbackslash{} 5 \%"),
        ("∂v₁₂/∂x²", r"$\partial$v$_{12}$/$\partial$x$^{2}$"),
        ("grad — … é", "grad --- \\dots{} é"),
    ],
)
def test_what_latex_reads_otherwise_is_written_in_its_words(text: str, latex: str) -> None:
    assert latex_text(text) == latex
    assert text_of(latex) == text
