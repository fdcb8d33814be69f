"""Parts of the package that are imported when they are first asked for: the same names, however they are reached."""

import subprocess
import sys

import pytest

import autograd

LATE = ("steps", "explain", "paths", "scalarize", "anomaly", "testing", "replay")


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_they_are_not_imported_with_the_package() -> None:
    loaded = run("import sys, autograd; print([name for name in sys.modules if name.startswith('autograd.')])")
    assert "autograd.tensor" in loaded
    assert not any(f"'autograd.{name}" in loaded for name in LATE)


@pytest.mark.parametrize("name", ["explain", "paths", "scalarize"])
def test_a_function_with_its_modules_name_is_the_function(name: str) -> None:
    told = f"print(type(autograd.{name}).__name__, autograd.{name}.__name__)"
    assert run(f"import autograd; {told}") == f"function {name}"
    assert run(f"import autograd.{name}, autograd; {told}") == f"function {name}"
    assert run(f"from autograd.{name} import {name}; import autograd; {told}") == f"function {name}"
    assert run(f"from autograd import {name}; import autograd; {told}") == f"function {name}"


def test_every_public_name_is_there_and_listed() -> None:
    for name in autograd.__all__:
        assert getattr(autograd, name) is not None
        assert name in dir(autograd)
    assert {"replay", "testing"} <= set(dir(autograd))
    with pytest.raises(AttributeError, match="module 'autograd' has no attribute 'derive'"):
        _ = autograd.derive  # type: ignore[attr-defined]
