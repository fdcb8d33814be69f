"""The picture as a tree of text."""

import math
import unicodedata

import pytest

from autograd import Tensor, Value, scope
from autograd.safe_text import clean, short_name
from tests.viz.formats.by_hand import picture_edge, picture_node
from viz import Picture, draw
from viz.formats.text import to_text


def tree(root: Value | Tensor, **options: object) -> list[str]:
    return str(draw(root, names={}, **options)).splitlines()  # type: ignore[arg-type]


def test_before_a_pass_values_and_derivatives_stand_in_columns() -> None:
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    with scope("unit"):
        y = (a * b).relu()
    y.name = "y"
    assert tree(y + 1.0) == [
        "node             value  gradient  local derivative  scope",
        "v₂ = y + 1       1      —",
        "├─ y = relu(v₁)  0      —         1                 unit",
        "│  └─ v₁ = a·b   −6     —         [v₁ > 0] = 0      unit",
        "│     ├─ a       2      —         b = −3",
        "│     └─ b       −3     —         a = 2",
        "└─ 1                    const",
    ]


def test_after_a_pass_each_argument_shows_its_product_and_a_dead_one_why() -> None:
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    y = (a * b).relu() * 5.0
    y.backward()
    assert tree(y) == [
        "node              value  gradient  local derivative  upstream × local  note",
        "v₃ = v₂·5         0      1",
        "├─ v₂ = relu(v₁)  0      5         5                 1 × 5 = 5",
        "│  └─ ∅ v₁ = a·b  −6     0         ∅ [v₁ > 0] = 0    5 × 0 = 0         relu is closed: −6 ≤ 0",
        "│     ├─ ∅ a      2      0         ∅ b = −3          0 × −3 = 0",
        "│     └─ ∅ b      −3     0         ∅ a = 2           0 × 2 = 0",
        "└─ 5                     const",
        "∅ no gradient comes through",
    ]


def test_the_gradient_of_what_is_used_several_times_is_written_as_a_sum() -> None:
    """d(x·y − 4·x)/dx = y − 4: the subtraction, newer, is met first."""
    x, y = Value(2.0, "x"), Value(3.0, "y")
    z = x * y - x * 4.0
    z.backward()
    rows = [line for line in tree(z) if "─ x " in line]
    assert len(rows) == 2
    assert all("−4 + 3 = −1" in row for row in rows)
    assert rows[0].endswith("y = 3             1 × 3 = 3")
    assert rows[1].endswith("4                 −1 × 4 = −4")


def test_a_path_is_marked_at_its_nodes_and_its_arrows_and_the_marks_are_explained() -> None:
    x, y = Value(2.0, "x"), Value(3.0, "y")
    h = x * y
    z = h + x
    assert tree(z, highlight=[x, h, z], wrong=y) == [
        "node           value  gradient  local derivative",
        "► v₂ = v₁ + x  8      —",
        "├─ ► v₁ = x·y  6      —         ► 1",
        "│  ├─ ► x      2      —         ► y = 3",
        "│  └─ ✗ y      3      —         x = 2",
        "└─ ► x         2      —         1",
        "► on the highlighted path, ✗ derivative marked as wrong",
        "path x → v₁ → v₂: 3 · 1 = 3",
    ]


def test_a_slice_in_several_pieces_is_written_out_whole() -> None:
    x, y = Value(2.0, "x"), Value(3.0, "y")
    h = x * y
    h.name = "h"
    z = h.exp().log()
    lines = tree(z, where=lambda node: node is h or node.is_leaf)
    assert [line[:8].rstrip() for line in lines[1:-1]] == ["v₂ = log", "h = x·y", "├─ x", "└─ y"]
    assert lines[-1].startswith("4 of 5 nodes")


def test_boxes_on_a_circle_that_nothing_uses_are_written_too() -> None:
    """Folded boxes can use each other; neither is then used by nothing."""
    boxes = [picture_node("n0", name="p"), picture_node("n1", name="q"), picture_node("n2", name="z", is_root=True)]
    arrows = [picture_edge("e0", "n1", "n0"), picture_edge("e1", "n0", "n1")]
    lines = to_text(Picture(tuple(boxes), tuple(arrows), (), "circle", total=3)).splitlines()
    assert [line.rstrip() for line in lines] == [
        "node       value  gradient  local derivative", "z", "q", "└─ p", "   └─ q ↑",
    ]  # fmt: skip


def test_what_stands_for_several_says_how_many() -> None:
    boxes = [
        picture_node("n0", kind="class", name="w", value=("−1 … mean 0 … 1",), count=64, times=64),
        picture_node("n1", kind="group", name="h", formula="layer (5 nodes)", count=60, times=12),
        picture_node("n2", name="z", formula="Σ", kind="sum", count=1200, times=1, is_root=True, note="w·x is largest"),
    ]
    arrows = [
        picture_edge("e0", "n0", "n1", uses=128, contribution="−0.5"),
        picture_edge("e1", "n1", "n2", uses=1200, mark="dead"),
    ]
    assert to_text(Picture(tuple(boxes), tuple(arrows), (), "folded", total=1324)).splitlines() == [
        "node                         value            gradient  local derivative  contribution  note",
        "z = Σ                                                                                   w·x is largest",
        "└─ h = layer (5 nodes) × 12                             ∅ 1,200 uses",
        "   └─ w × 64                 −1 … mean 0 … 1            128 uses          −0.5",
        "∅ no gradient comes through",
    ]


def test_where_a_hundred_columns_are_too_few_contributions_stand_without_their_factors() -> None:
    w, b, x = Value(0.5, "w"), Value(-3.25, "b"), Value(0.7, "x")
    narrow, wide = w * x + b, ((w * x + b).tanh() - w) ** 2
    narrow.backward()
    assert tree(narrow)[3].endswith("x = 0.7           1 × 0.7 = 0.7")

    for leaf in (w, b, x):
        leaf.zero_grad()
    wide.backward()
    lines = tree(wide)
    assert "  contribution" in lines[0]
    assert max(map(len, lines)) <= 100
    assert not [line for line in lines if "×" in line]
    upstream = -2 * (math.tanh(-2.9) - 0.5)  # of w in the subtraction: 2·(tanh − w)·(−1)
    assert f"{upstream:.4g}" in lines[-2]


def test_what_is_used_again_is_written_once() -> None:
    x = Value(2.0, "x")
    h = x.exp()
    h.name = "h"
    lines = tree(h * h)
    assert [line[:12].rstrip() for line in lines[1:]] == ["v₁ = h·h", "├─ h = e^x", "│  └─ x", "└─ h ↑"]
    assert tree(x * x)[2:] == ["├─ x      2      —         x = 2", "└─ x      2      —         x = 2"]


def test_what_is_written_near_the_root_is_not_written_again_at_the_margin() -> None:
    chain = [Value(0.5)]
    for _ in range(40):
        chain.append(chain[-1].sin())
    for inner in chain[1:-1]:
        lines = tree(chain[-1] * inner)
        assert not [line for line in lines if line.split("  ")[0].endswith("↑") and line[0] == "v"]
        assert sum("sin(" in line for line in lines) == 40


def test_a_ladder_of_doublings_is_not_written_out_exponentially() -> None:
    y = Value(1.0)
    for _ in range(60):
        y = y + y
    lines = tree(y)
    assert sum(" = " in line for line in lines) == 60
    assert len(lines) < 3 * 60


def test_a_long_chain_stays_on_the_page_and_every_node_is_written() -> None:
    y = Value(1.0, "start")
    for _ in range(100):
        y = y.exp()
    lines = tree(y)
    assert max(map(len, lines)) < 110
    continued = [line for line in lines if "↓" in line]
    assert continued
    assert len(lines) == 1 + 101 + len(continued)
    for line in continued:
        name = line.split("─ ")[1].split(" ↓")[0]
        assert any(other.startswith(f"{name} = ") for other in lines)


def test_wide_and_combining_characters_keep_the_columns() -> None:
    y = Value(1.0, "가중치") * Value(2.0, "é̂")
    lines = tree(y)

    def columns(text: str) -> int:
        wide = {"W": 2, "F": 2}
        return sum(0 if unicodedata.combining(c) else wide.get(unicodedata.east_asian_width(c), 1) for c in text)

    starts = {columns(line[: line.index("—")]) for line in lines[1:]}
    assert len(starts) == 1


@pytest.mark.parametrize(
    "name, shown",
    [
        ("\x1b[31mred", "␛[31mred"), ("a\nb", "a␊b"), ("nul\x00", "nul␀"), ("\u202egpj.exe", "<U+202E>gpj.exe"),
        ("\ud800", "<U+D800>"), ("", "␣"), ("  ", "␣"), ("tab\tdel\x7f", "tab␉del␡"), ("\u2028", "<U+2028>"),
        ("no\u00a0break", "no break"), ("👩\u200d🔬", "👩\u200d🔬"), ("x" * 40, "x" * 40),
        ("x" * 41, "x" * 20 + "…" + "x" * 19),
    ],
)  # fmt: skip
def test_no_name_escapes_its_line(name: str, shown: str) -> None:
    assert short_name(name) == shown


def test_a_right_to_left_name_does_not_turn_its_neighbours() -> None:
    assert clean("שלום") == "\u200e\u2068שלום\u2069"
