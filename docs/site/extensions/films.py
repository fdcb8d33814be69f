"""The directive `film`: runs its code, and shows the player that the last line gives, by the player's own HTML."""

import ast
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective


class Film(SphinxDirective):
    """A block of Python whose last line is a player or a picture.

    Options:
        hidden: the code is not shown.
    """

    has_content = True
    option_spec = {"hidden": lambda argument: True}  # noqa: RUF012 - docutils asks for it on the class

    def run(self) -> list[nodes.Node]:
        """The code, and what it makes."""
        code = "\n".join(self.content)
        block = nodes.raw("", f'<div class="film">{shown(code)}</div>', format="html")
        return [block] if "hidden" in self.options else [nodes.literal_block(code, code, language="python"), block]


def shown(code: str) -> str:
    """The HTML of what the last line of a block of Python gives.

    Raises:
        ValueError: the last line is no expression, or gives nothing that a notebook would show.

    Example:
        >>> shown("from autograd import Value\\nfrom viz import play\\nplay(Value(2.0).exp())")[:4]
        '<div'
    """
    tree = ast.parse(code)
    last = tree.body.pop() if tree.body else None
    if not isinstance(last, ast.Expr):
        raise ValueError(f"film: the last line is to be an expression that gives a player: {code!r}")
    names: dict[str, Any] = {}
    exec(compile(tree, "<film>", "exec"), names)
    made = eval(compile(ast.Expression(last.value), "<film>", "eval"), names)
    bundle = made._repr_mimebundle_() if hasattr(made, "_repr_mimebundle_") else {}
    html = bundle.get("text/html") or bundle.get("image/svg+xml")
    if html is None:
        raise ValueError(f"film: the last line gives a {type(made).__name__}, which no notebook would show: {code!r}")
    return str(html)


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.add_directive("film", Film)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
