"""`--grad-report`: the pages of wrong derivatives, their pictures and their index."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import viz
from autograd import Elementwise, Tensor
from autograd.testing import check_grad
from autograd.testing.plugin.pages import file_stem, write_page

pytest_plugins = ["pytester"]

HEAD = """
import numpy as np
import pytest
from autograd import Elementwise
from autograd.testing import GradientError

X = np.linspace(-1.0, 2.0, 6).reshape(2, 3)
half = Elementwise("half of a page test", lambda x: x * x, [lambda out, x: x])

def wrong(x):
    return half(x.exp()).sum()
"""
half = Elementwise("half of a page test", lambda x: x * x, [lambda out, x: x])
X = np.linspace(-1.0, 2.0, 6).reshape(2, 3)


def run(pytester: pytest.Pytester, body: str, *args: str) -> tuple[pytest.RunResult, Path]:
    (pytester.path / "test_it.py").write_text(f"{HEAD}\n{body}", encoding="utf-8")
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "--grad-report=out/pages", *args)
    return result, pytester.path / "out" / "pages"


def page_of(folder: Path, f: Callable[..., Any], *inputs: Any, test: str = "test_it.py::test_it") -> str:
    report = check_grad(f, *inputs, raises=False)
    file = write_page(folder, "page", test, "pytest --grad-seed=0", report)
    return (folder / file).read_text(encoding="utf-8")


def test_each_wrong_derivative_that_fails_a_test_has_a_page_in_the_index(pytester: pytest.Pytester) -> None:
    body = """
def test_one(check_grad): check_grad(wrong, X)
def test_two(check_grad):
    assert all([check_grad(f, X, raises=False) for f in (wrong, half)])
def test_expected(check_grad):
    with pytest.raises(GradientError): check_grad(wrong, X)
@pytest.mark.xfail(strict=True)
def test_known(check_grad): check_grad(wrong, X)
def test_right(check_grad): check_grad(np.tanh, X)
"""
    result, folder = run(pytester, body)
    result.assert_outcomes(passed=2, failed=2, xfailed=1)
    result.stdout.fnmatch_lines([f"gradient report: 3 wrong derivatives, {folder / 'index.html'}"])
    index = (folder / "index.html").read_text(encoding="utf-8")
    links = re.findall(r"<a href='([^']+)'>([^<]*)</a></td><td>([^<]*)</td>", index)
    assert [(name, test) for _, name, test in links] == [
        ("wrong", "test_it.py::test_one"),
        ("half of a page test", "test_it.py::test_two"),
        ("wrong", "test_it.py::test_two"),
    ]
    assert {file for file, _, _ in links} == {path.name for path in folder.glob("*.html")} - {"index.html"}
    for file, _, test in links:
        text = (folder / file).read_text(encoding="utf-8")
        assert f"pytest {test} --grad-seed=0" in text
        assert "every element is half" in text
        assert (folder / file).with_suffix(".svg").exists()


def test_a_run_without_a_wrong_derivative_says_so(pytester: pytest.Pytester) -> None:
    result, folder = run(pytester, "def test_it(check_grad): check_grad(np.tanh, X)")
    result.stdout.fnmatch_lines(["gradient report: 0 wrong derivatives, *"])
    assert "No check failed a test." in (folder / "index.html").read_text(encoding="utf-8")


def test_without_the_option_nothing_is_written(pytester: pytest.Pytester) -> None:
    (pytester.path / "test_it.py").write_text(f"{HEAD}\ndef test_one(check_grad): check_grad(wrong, X)")
    pytester.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(failed=1)
    assert [path.name for path in pytester.path.iterdir() if path.suffix in {".html", ".svg"} or path.is_dir()] in (
        [],
        ["__pycache__"],
    )


def test_the_guilty_operation_is_the_red_one(tmp_path: Path) -> None:
    page = page_of(tmp_path, lambda x: half(x.exp()).sum(), X)
    svg = (tmp_path / "page.svg").read_text(encoding="utf-8")
    marked = [line for line in re.findall(r"<g [^>]*>.*?</g>", svg, re.DOTALL) if "✗" in line]
    assert len(marked) == 1
    assert "half of a page test(v₁)" in re.sub("<[^>]*>", "", marked[0])
    assert "the operation to blame in red" in page
    assert svg[svg.index("<svg") :].splitlines()[0] in page


def test_of_a_large_graph_the_surroundings_of_the_guilty_operation_are_drawn(tmp_path: Path) -> None:
    def long(x: Any) -> Any:
        for _ in range(100):
            x = x + 0.01
        x = half(x)
        for _ in range(100):
            x = x - 0.01
        return x

    page_of(tmp_path, long, np.array([0.5]))
    svg = (tmp_path / "page.svg").read_text(encoding="utf-8")
    assert "✗" in svg
    assert "12 of 402 nodes: those at most 3 arrows from" in svg


def test_of_several_outputs_the_one_with_the_guilty_operation_is_drawn(tmp_path: Path) -> None:
    page_of(tmp_path, lambda x: (x.sin(), half(x)), X)
    svg = (tmp_path / "page.svg").read_text(encoding="utf-8")
    assert "✗" in svg
    assert " = sin(" not in svg


def test_names_are_text_and_not_markup(tmp_path: Path) -> None:
    def f(x: Any) -> Any:
        return half(x)

    f.__name__ = "<script>alert(1)</script>"
    page = page_of(tmp_path, f, Tensor(X, name="<b>x</b>"), test="test_it.py::test_it[<i>]")
    assert "<script>" not in page
    assert "test_it[&lt;i&gt;]" in page
    assert "[<i>]" not in page


def test_where_no_layout_engine_is_installed_the_page_has_the_graph_as_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable(_: Any) -> str:
        raise viz.RenderUnavailable("install graphviz")

    monkeypatch.setattr(viz.Drawing, "svg", property(unavailable))
    page = page_of(tmp_path, half, X)
    assert "install graphviz" in page
    assert "✗ v₁ = half of a page test" in page
    assert not (tmp_path / "page.svg").exists()


def test_a_picture_that_fails_leaves_the_page_and_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("out of <ink>")

    monkeypatch.setattr(viz, "draw", broken)
    page = page_of(tmp_path, half, X)
    assert "could not be drawn: RuntimeError: out of &lt;ink&gt;" in page
    assert "every element is half" in page


def test_two_tests_never_share_a_file() -> None:
    tests = ["a/test_x.py::test[1/2]", "a/test_x.py::test[1-2]", "b/test_x.py::test[1-2]"]
    stems = [file_stem(test) for test in tests]
    assert len(set(stems)) == 3
    assert all(re.fullmatch(r"test_x\.py-test-1-2-[0-9a-f]{8}", stem) for stem in stems)
    assert len(file_stem("x" * 500)) < 100


def test_under_xdist_seeds_pages_and_coverage_are_those_of_one_run(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # three processes start in a third of the time
    body = """
cube = Elementwise("cube of a page test", lambda x: x**3, [lambda out, x: 3 * x * x])

def test_one(check_grad):
    check_grad(cube, np.array([0.5, 2.0]), explore=False)
    check_grad(wrong, X)
def test_two(check_grad):
    check_grad(cube, np.array([-1.0, 0.0]).astype("float32"), explore=False)
    check_grad(half, X)
"""
    (pytester.path / "test_it.py").write_text(f"{HEAD}\n{body}", encoding="utf-8")
    result = pytester.runpytest_subprocess(
        "-p", "no:cacheprovider", "-p", "xdist", "-p", "gradwalk", "-n2",
        "--grad-seed=random", "--grad-report=pages", "--grad-cov-of=own", "--grad-cov-fail-under=60",
    )  # fmt: skip
    output = result.stdout.str()
    result.assert_outcomes(failed=2)
    (header,) = set(re.findall(r"grad seed: (\d+)", output))
    assert re.findall(r"^pytest .* --grad-seed=(\d+)", output, re.MULTILINE) == [header, header]
    assert "gradient report: 2 wrong derivatives" in output
    assert len(list((pytester.path / "pages").glob("*.html"))) == 3
    index = (pytester.path / "pages" / "index.html").read_text(encoding="utf-8")
    assert index.index("test_one") < index.index("test_two")
    cube = re.search(r"^cube of a page test +(\d)/7.*%  (.*)$", output, re.MULTILINE)
    assert cube is not None
    assert "zero" not in cube[2]
    assert "float32" not in cube[2]
    assert "negative" not in cube[2]
