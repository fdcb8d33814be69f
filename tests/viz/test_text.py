"""The picture as a tree of text."""

import unicodedata

import pytest

from autograd import Tensor, Value, scope
from viz import draw
from viz.safe_text import clean, short_name


def tree(root: Value | Tensor, **options: object) -> list[str]:
    return str(draw(root, names={}, **options)).splitlines()  # type: ignore[arg-type]


def test_values_gradients_and_derivatives_stand_in_columns() -> None:
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    with scope("unit"):
        y = (a * b).relu()
    y.name = "y"
    y.backward()
    assert tree(y + 1.0) == [
        "node             value  gradient  local derivative  scope",
        "v₂ = y + 1       1      —",
        "├─ y = relu(v₁)  0      1         1                 unit",
        "│  └─ v₁ = a·b   −6     0         [v₁ > 0] = 0      unit",
        "│     ├─ a       2      0         b = −3",
        "│     └─ b       −3     0         a = 2",
        "└─ 1                    const",
    ]


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
