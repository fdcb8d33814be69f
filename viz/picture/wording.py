"""How a node, its formula and its derivatives are put into words for a picture."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.node import Node
from autograd.numbers import LISTED, array_text, number_text, shape_text
from autograd.safe_text import clean, shorten
from autograd.symbol import ATOM, COMPARISON, Symbol
from viz.picture.model import LABEL_LENGTH
from viz.picture.names import Called, Names

_PATH_LENGTH = 120
_LINE_LENGTH = 500  # of source, in a tooltip
_SHOWN = 8  # at each end of a long list
_ELEMENTS = 4096  # local derivatives of larger arrays are not computed for a label


# ---- boxes --------------------------------------------------------------------------------------------------------


def formula(node: Node, called: Called) -> str:
    """How the node was made: its operation applied to its arguments' names; the operation alone where that is long."""
    if node.rule is None:
        return ""
    text = _expression(node, called)
    if not text or len(text) > LABEL_LENGTH:
        several = f" of {len(node.parents)}" if len(node.parents) > 2 else ""
        text = f"{clean(node.op)}{several}" if node.op else "by hand"
    return text


def _expression(node: Node, called: Called) -> str:
    arguments = [_symbol(parent, called) for parent in node.parents]
    listed = ", ".join(argument.text for argument in arguments)
    expression = getattr(node.rule, "expression", None)
    if expression is None:
        return f"{clean(node.op)}({listed})" if node.op else ""
    try:
        text = _single_spaced(expression(*arguments).text)
    except Exception:  # a user's own notation may fail; the operation's symbol then stands for it
        return ""
    return f"{clean(node.op)}({listed})" if text == listed else text  # the sum of one array is written as its terms


def _symbol(node: Node, called: Called) -> Symbol:
    text = called[node]
    if called.is_number(node):
        return Symbol(text, level=COMPARISON if text.startswith("−") else ATOM)  # a·(−3), not a·−3
    return Symbol(text)


def _single_spaced(text: str) -> str:
    return " ".join(text.split())


def value_lines(node: Node) -> tuple[str, ...]:
    """A scalar as a number; an array as its shape and dtype, and its elements or their range."""
    if np.ndim(node.data) == 0:
        return (number_text(node.data),)
    return shape_text(node.data), array_text(node.data)


def array_or_number(data: Any) -> str:
    return number_text(data) if data.__class__ is float or not np.ndim(data) else array_text(data)


def node_details(node: Node, called: Names) -> tuple[str, ...]:
    """The full name and the operation, the scope, and the line of source where it was recorded."""
    lines = [f"{clean(called.full(node))}: {clean(node.op) or ('leaf' if node.requires_grad else 'constant')}"]
    if node.scope:
        lines.append(f"scope {clean(shorten(node.scope, _PATH_LENGTH))}")
    if node.source is not None:
        lines.append(f"{clean(node.source.place)}: {clean(shorten(node.source.text, _LINE_LENGTH))}")
    return tuple(lines)


# ---- arrows -------------------------------------------------------------------------------------------------------


def local_derivative(node: Node, argument: int, called: Names) -> tuple[str, str]:
    """The local derivative of a node with respect to one argument: in symbols, and as a number."""
    assert node.rule is not None
    try:
        symbol = node.rule.local_text(argument, [called[parent] for parent in node.parents])
        return _single_spaced(symbol), _local_number(node, argument)
    except Exception as error:  # a user's own primitive may fail: the picture says so in its place
        return f"({type(error).__name__})", ""


def _local_number(node: Node, argument: int) -> str:
    assert node.rule is not None
    if node.data.__class__ is not float and max(np.size(node.data), np.size(node.parents[argument].data)) > _ELEMENTS:
        return ""
    with np.errstate(all="ignore"):
        local = node.rule.local(node, argument)
    if local is None:
        return ""
    if local.__class__ is float:
        return number_text(local)
    elements = np.asarray(local)
    if elements.size and (elements == elements.flat[0]).all():
        return number_text(elements.flat[0])
    return array_text(elements) if elements.size <= LISTED else ""


def edge_details(
    node: Node, argument: int, called: Names, symbol: str, number: str, handed: Any
) -> tuple[str, ...]:
    """Which use the arrow is, its local derivative, and what the last pass handed along it."""
    source = called[node.parents[argument]]
    lines = [f"{source} → {called[node]}, argument {argument + 1} of {len(node.parents)} of {clean(node.op)}"]
    if symbol or number:
        lines.append(f"local derivative {symbol}" + (f" = {number}" if number and number != symbol else ""))
    if handed is not None:
        upstream = array_or_number(node.grad)
        lines.append(f"upstream {upstream}, contribution {array_or_number(handed)}")
    return tuple(lines)


def counted(count: int, what: str) -> str:
    """A count and its noun.

    Example:
        >>> counted(1, "node"), counted(1200, "node")
        ('1 node', '1,200 nodes')
    """
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def ends(texts: list[str]) -> list[str]:
    """The first and the last of many texts, and how many there are between them.

    Example:
        >>> ", ".join(ends([f"w{place}" for place in range(100)]))
        'w0, w1, w2, w3, w4, w5, w6, w7, … 84 more …, w92, w93, w94, w95, w96, w97, w98, w99'
    """
    between = len(texts) - 2 * _SHOWN
    return [*texts[:_SHOWN], f"… {between:,} more …", *texts[-_SHOWN:]] if between > 1 else texts
