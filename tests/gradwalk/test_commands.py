"""`gradwalk draw`, `play`, `check` and `doctor`: what they print and write, and how they answer a mistake."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from gradwalk.cli import main
from gradwalk.commands import doctor

ROOT = Path(__file__).resolve().parents[2]

EXAMPLES = """
import numpy as np
from autograd import Tensor, Value, tanh
import nn.functional as F

def loss():
    w, x = Value(2.0), Value(-3.0)
    hidden = (w * x).relu()
    return hidden + w * 0.5

class Model:
    @staticmethod
    def score():
        a = Tensor(np.arange(6.0).reshape(2, 3), requires_grad=True)
        return (a * a).sum()

kept = Value(3.0) * 2.0

def softmax(x):
    return F.softmax(x, dim=-1)

def forward(x):
    return np.tanh(x)

def backward(upstream, x):
    return upstream * (1 - np.tanh(x) ** 2)

def wrong(upstream, x):
    return upstream * (1 - np.tanh(x))

def inputs():
    return np.array([0.5, -1.0]),

def constant(x):
    return np.round(x)

def fails():
    return 1 / 0

def misuses():
    return F.softmax(Tensor([1.0]), axis=0)

def nothing():
    return None

def takes(x):
    return x
"""


@pytest.fixture(autouse=True)
def examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the command runs in, with `examples_of_commands.py`."""
    (tmp_path / "examples_of_commands.py").write_text(EXAMPLES, encoding="utf-8")
    (tmp_path / "broken.py").write_text("def loss(:\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.delitem(sys.modules, "examples_of_commands", raising=False)
    return tmp_path


FILE = "examples_of_commands.py"


def test_draw_prints_the_graph_with_the_functions_variables(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["draw", f"{FILE}:loss", "--backward"]) == 0
    printed = capsys.readouterr().out
    assert printed.splitlines()[1].split() == ["loss", "=", "hidden", "+", "v₂", "1", "1"]
    assert "hidden = relu(v₁)" in printed
    assert "v₁ = w·x" in printed
    assert "0.5 + 0 = 0.5" in printed


@pytest.mark.parametrize("target", ["examples_of_commands:loss", f"{FILE}:Model.score", f"{FILE}:kept"])
def test_a_module_a_method_and_a_node_can_be_drawn(target: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["draw", target]) == 0
    assert capsys.readouterr().out.splitlines()[1].startswith(f"{target.split(':')[1].split('.')[-1]} = ")


def test_draw_writes_what_the_ending_says(examples: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["draw", f"{FILE}:loss", "-o", "graph.dot", "--style", "circuit", "--rankdir", "TB"]) == 0
    assert capsys.readouterr().out == "graph.dot\n"
    assert "rankdir=TB" in (examples / "graph.dot").read_text(encoding="utf-8")
    assert main(["draw", f"{FILE}:loss", "-o", "few.txt", "--max-nodes", "3"]) == 0
    assert "7 nodes as 4 boxes" in (examples / "few.txt").read_text(encoding="utf-8")


def test_play_writes_a_page(examples: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["play", f"{FILE}:loss"]) == 0
    assert capsys.readouterr().out == "loss.html\n"
    page = (examples / "loss.html").read_text(encoding="utf-8")
    assert "hidden" in page
    assert "<script" in page


def test_check_says_right_and_wrong_by_its_status(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", f"{FILE}:softmax", "--shape", "2,3"]) == 0
    assert capsys.readouterr().out.startswith("pass: the gradient of softmax is right")
    assert main(["check", f"{FILE}:forward", "--backward", f"{FILE}:backward", "--inputs", f"{FILE}:inputs"]) == 0
    capsys.readouterr()
    assert main(["check", f"{FILE}:forward", "--backward", f"{FILE}:wrong", "--shape", "3", "--explore", "none"]) == 1
    assert "diagnosis: the local derivative is taken to be 1 − the output" in capsys.readouterr().out


def test_the_seed_draws_the_inputs(capsys: pytest.CaptureFixture[str]) -> None:
    def shown(seed: str) -> str:
        main(["check", f"{FILE}:forward", "--backward", f"{FILE}:wrong", "--shape", "2", "--seed", seed])
        found = re.search(r"np\.array\(\[.*?\]\)", capsys.readouterr().out)
        assert found
        return found[0]

    assert shown("0") == shown("0") != shown("1")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("draw", f"{FILE}:nope"), f"{FILE} has no 'nope'; it has loss, Model, softmax, "),
        (("draw", "nofile.py:x"), "there is no file nofile.py"),
        (("draw", "nomodule:x"), "there is no module 'nomodule' here; a file is named with its ending, as in nomod"),
        (("draw", "no.module:x"), "there is no module 'no.module' here"),
        (("draw", FILE), f"'{FILE}' is not of the form module:name or file.py:name, as in examples.py:loss"),
        (("draw", f"{FILE}:nothing"), f"{FILE}:nothing gives None; a Value or Tensor can be drawn"),
        (("draw", f"{FILE}:inputs"), f"{FILE}:inputs gives one tuple; a Value or Tensor can be drawn"),
        (("draw", f"{FILE}:takes"), "takes() missing 1 required positional argument: 'x'"),
        (("draw", "broken.py:loss"), "broken.py raised SyntaxError: "),
        (("draw", f"{FILE}:loss", "-o", "graph.xyz"), "'graph.xyz' ends in none of .svg, .png"),
        (("draw", f"{FILE}:loss", "-o", "no/graph.dot"), "cannot write to no/graph.dot: No such file or directory; "),
        (("play", f"{FILE}:loss", "-o", "film.svg"), "play writes a page: 'film.svg' does not end in .html"),
        (("play", f"{FILE}:softmax"), "softmax() missing 1 required positional argument"),
        (("check", f"{FILE}:softmax"), "check needs inputs: --shape 2,3 for each, or --inputs"),
        (("check", f"{FILE}:softmax", "--shape", "2", "--inputs", "x:y"), "by --inputs or by --shape, not by both"),
        (("check", f"{FILE}:kept", "--shape", "2"), f"{FILE}:kept is no function"),
    ],
)
def test_a_mistake_is_told_in_one_line(
    arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 1
    printed = capsys.readouterr()
    assert message in printed.err
    assert printed.err.startswith("gradwalk: ")
    assert len(printed.err.splitlines()) == 1
    assert printed.out == ""


@pytest.mark.parametrize(("name", "line"), [("fails", "return 1 / 0"), ("misuses", "F.softmax(Tensor([1.0]), axis=0)")])
def test_an_error_in_the_users_code_names_the_users_line(
    name: str, line: str, examples: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["draw", f"{FILE}:{name}"]) == 1
    place, number = capsys.readouterr().err.strip().rpartition(" at ")[2].split(":")
    assert Path(place) == examples / FILE
    assert line in EXAMPLES.splitlines()[int(number) - 1]


def test_a_shape_that_is_none_is_a_wrong_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["check", f"{FILE}:softmax", "--shape", "two"])
    assert stop.value.code == 2
    assert "'two' is no shape, as 2,3 is" in capsys.readouterr().err


# ---- doctor -------------------------------------------------------------------------------------------------------


def doctors(capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, str]]:
    """The exit status, and each finding by what it is about, its mark included."""
    status = main(["doctor"])
    lines = capsys.readouterr().out.splitlines()[:-2]
    return status, {re.split(r"\s{2,}", line[2:])[0].strip(): line for line in lines}


def test_the_doctor_names_what_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    status, found = doctors(capsys)
    assert status == 0
    assert sys.executable in found["Python"]
    assert str(ROOT / "autograd") in found["import autograd"]
    assert found["a picture"].startswith("✓") or "layout engine" in found["a picture"]


def test_the_doctor_names_the_extra_that_is_missing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    there = doctor._installed
    monkeypatch.setattr(doctor, "_installed", lambda module, name: "" if module == "jax" else there(module, name))
    status, found = doctors(capsys)
    assert status == 0
    assert " ".join(found["[jax]"].split()) == "· [jax] pip install 'gradwalk[jax]': recorded programs in JAX"


def test_the_doctor_sees_no_engine(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("viz.render.embedded_available", lambda: False)
    monkeypatch.setenv("PATH", "")
    status, found = doctors(capsys)
    assert status == 0
    assert found["dot"].startswith("· ")
    assert "needs a layout engine: install Graphviz" in found["a picture"]


def test_the_doctor_sees_a_file_that_hides_a_package(tmp_path: Path) -> None:
    (tmp_path / "viz.py").write_text("", encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(tmp_path), str(ROOT)))}
    code = "import sys; from gradwalk.cli import main; sys.exit(main(['doctor']))"
    done = subprocess.run([sys.executable, "-c", code], env=environment, cwd="/", capture_output=True, text=True)
    (line,) = [line for line in done.stdout.splitlines() if "import viz" in line]
    assert f"gives {tmp_path / 'viz.py'}, which is not gradwalk's: rename or remove it" in line
    assert done.returncode == 1, done.stderr


def test_every_extra_of_the_distribution_is_known_to_the_doctor() -> None:
    import tomllib

    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = set(declared["project"]["optional-dependencies"]) - {"bench", "browser"}  # made of others; drives tests
    assert {extra.name for extra in doctor.EXTRAS} == extras
