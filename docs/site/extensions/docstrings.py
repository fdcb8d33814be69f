"""The project's docstrings as reStructuredText: they are plain text, in which *, | and _ are mathematics."""

import re
from typing import Any

from sphinx.application import Sphinx

_CODE = re.compile(r"(``.+?``|`[^`]+`)")
_MARKUP = re.compile(r"([\\*|]|(?<=\w)_(?!\w))")
_INDENT = re.compile(r" *")


def as_restructured_text(lines: list[str]) -> list[str]:
    """Paragraphs with their signs protected; examples as they are.

    Example:
        >>> as_restructured_text(["|x| * y, with `*args`:", "", ">>> 2 * 3", "6"])
        ['\\\\|x\\\\| \\\\* y, with ``*args``:', '', '>>> 2 * 3', '6']
    """
    written: list[str] = []
    in_example = False
    for line in lines:
        text = line.strip()
        in_example = text.startswith(">>>") or (in_example and bool(text))
        if _deeper(line, written) and not in_example and not _opens(written[-1]):
            written.append("")
        written.append(line if in_example else _protected(line))
    return written


def _deeper(line: str, written: list[str]) -> bool:
    """Whether a line of text is indented below another, which would be read as a list of definitions."""
    if not line.strip() or not written or not written[-1].strip():
        return False
    return _depth(line) > _depth(written[-1])


def _depth(line: str) -> int:
    return len(_INDENT.match(line)[0])  # type: ignore[index]


def _opens(line: str) -> bool:
    """A section such as `Args:`, an argument with its description, or an item of a list goes on below, indented."""
    return bool(re.match(r"\s*([A-Z][a-z]+:$|[\w*`, .()\\]+: |[-•\d])", line))


def _protected(line: str) -> str:
    parts = _CODE.split(line)
    for place, part in enumerate(parts):
        if place % 2:
            joined = r"\ " if parts[place + 1][:1].isalnum() else ""  # as in `Value`s
            parts[place] = (part if part.startswith("``") else f"`{part}`") + joined
        else:
            parts[place] = _MARKUP.sub(r"\\\1", part)
    return "".join(parts)


def _process(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    lines[:] = as_restructured_text(lines)


def _skip(app: Sphinx, what: str, name: str, obj: Any, skip: bool, options: Any) -> bool | None:
    """Fields of a named tuple, which its own docstring tells of; None leaves the rest to others."""
    return True if (getattr(obj, "__doc__", None) or "").startswith("Alias for field number") else None


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("autodoc-process-docstring", _process, priority=400)  # before napoleon, which reads Args and Returns
    app.connect("autodoc-skip-member", _skip)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
