"""HTML and SVG built of elements, so that no text reaches the page unescaped.

What this writes is HTML and well-formed XML alike, and can be checked by either kind of parser.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

__all__ = ["Attribute", "Markup", "element", "join"]

Attribute = str | int | float | bool | None
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_EMPTY = frozenset({"br", "circle", "col", "hr", "img", "line", "meta", "path", "polyline", "rect"})


class Markup(str):
    """Text that is HTML already; any other text is escaped when it enters an element."""

    __slots__ = ()


def element(name: str, /, *children: str, **attributes: Attribute) -> Markup:
    """One element, with its children inside.

    Args:
        name: the tag, such as "td".
        children: `Markup` goes in as it is, a plain string is escaped.
        attributes: ``class_="a"`` writes ``class="a"`` and ``stroke_width=2`` writes ``stroke-width="2"``; None and
            False leave the attribute out, True writes its name as the value.

    Raises:
        ValueError: a name is no name of an element or attribute, or an element that is always empty has children.

    Example:
        >>> element("p", "1 < 2 & ", element("b", "so"), class_="note")
        '<p class="note">1 &lt; 2 &amp; <b>so</b></p>'
        >>> element("rect", x=1, width=2.5, hidden=None)
        '<rect x="1" width="2.5"/>'
    """
    if name in _EMPTY and children:
        raise ValueError(f"element: <{name}> is always empty, and was given {len(children)} children")
    opening = _checked(name) + "".join(
        f' {_checked(key.rstrip("_").replace("_", "-"))}="{_attribute_text(key, value)}"'
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if name in _EMPTY:
        return Markup(f"<{opening}/>")
    return Markup(f"<{opening}>{join(children)}</{name}>")


def join(parts: Iterable[str]) -> Markup:
    """Several parts as one, each plain string escaped.

    Example:
        >>> join([element("b", "a"), " & b"])
        '<b>a</b> &amp; b'
    """
    return Markup("".join(part if isinstance(part, Markup) else html.escape(part, quote=False) for part in parts))


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"element: {name!r} is no name of an element or attribute")
    return name


def _attribute_text(key: str, value: str | int | float | bool) -> str:
    if value is True:
        return key.rstrip("_").replace("_", "-")
    return html.escape(f"{value:g}" if isinstance(value, float) else str(value))
