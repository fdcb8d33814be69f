"""The DOT text: the same in every run, and safe against any name."""

import os
import subprocess
import sys

import pytest

from autograd import Value, scope
from tests.viz.examples import EXAMPLES, GOLDEN
from viz import draw
from viz.formats.dot import to_dot


@pytest.mark.parametrize("name", EXAMPLES)
def test_golden(name: str) -> None:
    assert EXAMPLES[name]().dot == (GOLDEN / f"{name}.dot").read_text(encoding="utf-8")


def test_each_golden_text_has_its_example() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == set(EXAMPLES)


def test_another_process_with_other_hashes_gives_the_same_bytes() -> None:
    code = "from tests.viz.examples import EXAMPLES; print('\\n'.join(make().dot for make in EXAMPLES.values()))"
    here = "\n".join(make().dot for make in EXAMPLES.values())
    path = os.pathsep.join(sys.path)
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8", "PYTHONPATH": path}
        there = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True)
        assert there.stdout.decode() == here + "\n"


def test_both_kinds_of_label_say_the_same() -> None:
    coloured = to_dot(EXAMPLES["after_backward"]().picture, coloured_text=True)
    assert '<FONT COLOR="#1c2530"><B>v₁</B></FONT><FONT COLOR="#1c2530"> = a·b</FONT></TD></TR>' in coloured
    assert '<FONT COLOR="#b3261e">grad −0.004023</FONT>' in coloured


def test_names_are_quoted() -> None:
    with scope('s"]; x'):
        y = Value(1.0, '"];<script>') * Value(2.0, "{a|b}") + Value(3.0, "\\N&amp;")
    dot = draw(y, names={}).dot
    assert r'label="\"];<script>' in dot
    assert 'label="{a|b}' in dot
    assert r'label="\\N&amp;amp;' in dot
    assert r'label="s\"]; x"' in dot


def test_no_label_begins_with_an_empty_line() -> None:
    y = Value(1.0, "") * Value(2.0, "\n") * Value(3.0, " ") * Value(4.0, "\x00")
    dot = draw(y, names={}).dot
    assert 'label="\\n' not in dot
    assert 'label=""' not in dot
    assert 'label=" ' not in dot.split("->")[0]
