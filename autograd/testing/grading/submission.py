"""What a student hands in: functions, from a module, a dict, a file of Python, or the cells of a notebook."""

from __future__ import annotations

import difflib
import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from autograd.testing.grading.limits import FailedError, OutOfTimeError, limited

_NAME = "submission_{}"


class Submission(NamedTuple):
    """One student's work.

    Attributes:
        student: the name.
        names: everything that was defined, by name.
        files: what tracebacks call its files.
        note: what went wrong while it was read; empty where nothing did.
    """

    student: str
    names: Mapping[str, Any]
    files: frozenset[str]
    note: str

    def function(self, names: list[str]) -> Callable[..., Any] | None:
        """The first of these that was defined."""
        return next((self.names[name] for name in names if callable(self.names.get(name))), None)

    def missing_text(self, names: list[str]) -> str:
        """What to say of a function that there is not."""
        defined = [name for name, each in self.names.items() if callable(each) and isinstance(name, str)]
        close = difflib.get_close_matches(names[0], defined, n=1)
        text = f"there is no function {names[0]}"
        if names[0] in self.names:
            text = f"{names[0]} is no function but {type(self.names[names[0]]).__name__}"
        elif close:
            text += f"; is it {close[0]}?"
        return f"{text} ({self.note})" if self.note else text

    def error_text(self, error: BaseException) -> str:
        """An error in words, with the line of the student's own that raised it."""
        line, trace = "", error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_filename in self.files:
                name = Path(trace.tb_frame.f_code.co_filename).name
                line = f" ({name}, line {trace.tb_lineno})"
            trace = trace.tb_next
        return f"{type(error).__name__}: {_message(error)}{line}"


def _message(error: BaseException) -> str:
    try:
        return " ".join(str(error).split())
    except Exception:  # its own __str__ may be wrong, too
        return "(its message cannot be read)"


def submissions(given: Any, seconds: float) -> Iterator[Submission]:
    """Every student's work in what `grade` is given, read one after the other.

    Raises:
        TypeError: it is nothing that functions could be found in.
        FileNotFoundError: there is no such file.
    """
    for student, work in _students(given):
        yield from _read(student, work, seconds)


def _students(given: Any) -> list[tuple[str, Any]]:
    if isinstance(given, Mapping) and given and all(_is_work(each) for each in given.values()):
        return [(str(student), work) for student, work in given.items()]
    if isinstance(given, list | tuple):
        return [(_name_of(work), work) for work in given]
    return [(_name_of(given), given)]


def _is_work(given: Any) -> bool:
    return isinstance(given, str | os.PathLike | ModuleType | Mapping)


def _name_of(work: Any) -> str:
    if isinstance(work, str | os.PathLike):
        return Path(work).stem
    return work.__name__.rpartition(".")[2] if isinstance(work, ModuleType) else ""


def _read(student: str, work: Any, seconds: float) -> Iterator[Submission]:
    if isinstance(work, Mapping):
        yield Submission(student, work, _files_of(work), "")
    elif isinstance(work, ModuleType):
        yield Submission(student, vars(work), frozenset([str(getattr(work, "__file__", ""))]), "")
    elif isinstance(work, str | os.PathLike):
        yield from _read_file(student, Path(work).resolve(), seconds)
    else:
        raise TypeError(
            f"grade: finds no functions in {type(work).__name__}; give a module, a dict of functions, the path of a "
            f".py or .ipynb file, or several in a list, or in a dict by the students' names"
        )


def _files_of(functions: Mapping[str, Any]) -> frozenset[str]:
    codes = [getattr(each, "__code__", None) for each in functions.values()]
    return frozenset(code.co_filename for code in codes if code is not None)


def _read_file(student: str, path: Path, seconds: float) -> Iterator[Submission]:
    """The names that a file defines; its own modules are forgotten again when the next student comes."""
    if path.suffix not in (".py", ".ipynb"):
        raise TypeError(f"grade: {path.name} is neither .py nor .ipynb")
    text = path.read_text(encoding="utf-8")  # a file that is not there is the caller's mistake
    module = ModuleType(_NAME.format(path.stem))
    module.__file__ = str(path)
    known = set(sys.modules)
    sys.modules[module.__name__] = module  # where dataclasses and pickles look for it
    sys.path.insert(0, str(path.parent))
    try:
        pieces, note = _pieces(path, text)
        for name, source in pieces:  # a cell that fails does not take the others with it
            problem = _run(name, source, module, seconds)
            note = note or problem
        yield Submission(student, vars(module), frozenset(name for name, _ in pieces), note)
    finally:
        sys.path[:] = [each for each in sys.path if each != str(path.parent)]
        for name in set(sys.modules) - known:
            if _lies_in(sys.modules[name], path.parent):
                del sys.modules[name]
        sys.modules.pop(module.__name__, None)


def _lies_in(module: ModuleType, folder: Path) -> bool:
    file = getattr(module, "__file__", None)
    return file is not None and folder in Path(file).resolve().parents


def _run(name: str, source: str, module: ModuleType, seconds: float) -> str:
    """Run one piece; what went wrong, as text."""
    try:
        limited(lambda: exec(compile(source, name, "exec"), vars(module)), seconds)
    except OutOfTimeError:
        return f"{Path(name).name} takes longer than {seconds:g} s to be read"
    except FailedError as failed:
        error = failed.error
        if isinstance(error, SyntaxError):
            return f"{Path(name).name}, line {error.lineno}: {error.msg}"
        return f"{Path(name).name} raises {type(error).__name__}: {_message(error)}"
    return ""


def _pieces(path: Path, text: str) -> tuple[list[tuple[str, str]], str]:
    """The sources to run, each with what tracebacks call it, and what is wrong with the file."""
    if path.suffix == ".py":
        return [(str(path), text)], ""
    try:
        cells = json.loads(text)["cells"]
        codes = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except (ValueError, KeyError, TypeError):
        return [], f"{path.name} is no notebook"
    return [(f"{path}, cell {place}", _plain(code)) for place, code in enumerate(codes, 1)], ""


def _plain(code: str) -> str:
    """A cell without what only a notebook understands."""
    if code.lstrip().startswith("%%"):
        return ""
    return "\n".join(re.sub(r"^(\s*)[%!?].*", r"\1pass", line) for line in code.splitlines())
