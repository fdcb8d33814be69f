"""Formulas as MathML, which browsers draw by themselves: no script, no font, no network."""

import re
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from latex2mathml.converter import convert
from sphinx.application import Sphinx

_OPERATOR = re.compile(r"\\operatorname\s*\{")
_FLAT = re.compile(r"\\left\(([^\\(){}^_]*)\\right\)")  # parentheses that have nothing to grow for


def mathml(latex: str, display: str = "inline") -> str:
    r"""A formula.

    Args:
        display: "inline" in a line of text, or "block".

    Example:
        >>> mathml("x^2")[-53:]
        '<mrow><msup><mi>x</mi><mn>2</mn></msup></mrow></math>'
    """
    named = _OPERATOR.sub(r"\\mathrm{", latex)  # the converter does not know \operatorname
    return str(convert(_FLAT.sub(r"(\1)", named), display=display))


def _visit_inline(writer: Any, node: nodes.math) -> None:
    writer.body.append(f'<span class="math">{mathml(node.astext())}</span>')
    raise nodes.SkipNode


def _visit_block(writer: Any, node: nodes.math_block) -> None:
    writer.body.append(f'<div class="math">{mathml(node.astext(), "block")}</div>')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.add_html_math_renderer("mathml", (_visit_inline, None), (_visit_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
