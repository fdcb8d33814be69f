"""What a command is pointed at: `module:name` or `file.py:name`, a function or a node."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType, ModuleType
from typing import Any

FORM = "module:name or file.py:name"

_PACKAGES = [Path(__file__).resolve().parents[2] / name for name in ("autograd", "nn", "viz", "gradwalk")]


class CommandError(Exception):
    """A mistake of the user's, told in one line."""


def load(target: str) -> Any:
    """The function or object that `module:name` or `file.py:name` stands for; `name` may have dots.

    Raises:
        CommandError: it is written otherwise, or there is no such module or name, or the module fails.
    """
    place, _, name = target.rpartition(":")
    if not place or not name:
        raise CommandError(f"{target!r} is not of the form {FORM}, as in examples.py:loss")
    found: Any = _module(place)
    for part in name.split("."):
        if not hasattr(found, part):
            raise CommandError(f"{place} has no {name!r}; {_offered(found)}")
        found = getattr(found, part)
    return found


def _module(place: str) -> ModuleType:
    path = Path(place)
    if path.suffix == ".py":
        if not path.is_file():
            raise CommandError(f"there is no file {place}")
        sys.path.insert(0, str(path.resolve().parent))  # what stands beside it can be imported, as when it is run
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[path.stem] = module
        _guarded(place, lambda: spec.loader.exec_module(module))  # type: ignore[union-attr]
        return module
    sys.path.insert(0, "")
    try:
        known = importlib.util.find_spec(place) is not None
    except (ImportError, ValueError):  # its parent is not there
        known = False
    if not known:
        raise CommandError(f"there is no module {place!r} here; a file is named with its ending, as in {place}.py:name")
    imported = _guarded(place, lambda: importlib.import_module(place))
    assert isinstance(imported, ModuleType)
    return imported


def _offered(module: Any) -> str:
    place = getattr(module, "__name__", "")
    public = {name: value for name, value in vars(module).items() if callable(value) and not name.startswith("_")}
    own = [name for name, value in public.items() if getattr(value, "__module__", "") == place]
    return f"it has {', '.join(own[:8])}" if own else "it has no functions"


def call(target: str, function: Callable[..., Any], *arguments: Any) -> tuple[Any, dict[str, Any]]:
    """What a function returns, and its variables when it did.

    Raises:
        CommandError: it failed; the message says where.
    """
    kept: dict[str, Any] = {}
    code = getattr(function, "__code__", None)

    def keep(frame: FrameType, event: str, _: Any) -> None:
        if event == "return" and frame.f_code is code and isinstance(code, CodeType):
            kept.update(frame.f_locals)

    before = sys.getprofile()
    sys.setprofile(keep)
    try:
        return _guarded(target, lambda: function(*arguments)), kept
    finally:
        sys.setprofile(before)


def _guarded(what: str, run: Callable[[], Any]) -> Any:
    """What the user's code gives; its failure in one line, with the line that failed."""
    try:
        return run()
    except Exception as error:
        message = f": {error}" if str(error) else ""
        raise CommandError(f"{what} raised {type(error).__name__}{message}{_line(error)}") from error


def _line(error: Exception) -> str:
    """The last line of the user's own that an error came through."""
    if isinstance(error, SyntaxError):
        return f" at {error.filename}:{error.lineno}"
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if not any(Path(frame.filename).is_relative_to(folder) for folder in _PACKAGES)]
    return f" at {own[-1].filename}:{own[-1].lineno}" if own else ""
