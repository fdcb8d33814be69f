"""Writes the derivative table from the primitives themselves, in Markdown: `make docs` puts it into the site.

A rule writes itself down. An elementwise rule and a reduction have their local derivative in symbols. What is linear,
or a function of whole matrices, has none element by element: its rule is run on nodes instead, once, and the graph that
this records is read as a formula.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from autograd import Elementwise, Linear, Primitive, Reduction, Tensor, graph_nodes, primitives
from autograd.primitives.contractions import matmul as matrix_product
from autograd.symbol import ATOM, PRODUCT, Symbol, as_symbol
from autograd.testing.arguments import Arguments, tried

TABLE = "<!-- the derivative table -->\n"  # where it stands in a page of the site
_OUT = re.compile(r"(?<![\w{])out\b")
_INVERSE_TRANSPOSE = re.compile(r"\\left\(([\w\\{}]+?)\^\{(?:\\top\}\\right\)\^\{-1|-1\}\\right\)\^\{\\top)\}")
PARTIAL = r"\partial "
UPSTREAM, OUT, ARGUMENTS = "g", "out", ("x", "y", "z")


# Where a primitive has no derivative: in words, and arguments that lie there.
KINKS: Mapping[str, tuple[str, tuple[Any, ...], Mapping[str, Any]]] = {
    "relu": ("x = 0", (0.0,), {}),
    "absolute": ("x = 0", (0.0,), {}),
    "maximum": ("x = y", (1.0, 1.0), {}),
    "minimum": ("x = y", (1.0, 1.0), {}),
    "clip": ("x is a bound", (1.0,), {"lower": 1.0, "upper": 2.0}),
    "max": ("equal largest elements, as of 3, 3, 1", (np.array([3.0, 3.0, 1.0]),), {"axis": (0,)}),
    "min": ("equal smallest elements, as of 1, 1, 3", (np.array([1.0, 1.0, 3.0]),), {"axis": (0,)}),
}


def derivative_table(rules: Sequence[Primitive] = ()) -> str:
    """The table of all primitives, or of some, in three parts: Markdown, with formulas in LaTeX between dollars.

    Raises:
        LookupError: there is a primitive without a local derivative that takes none of the arguments that the
            checker tries, or one with a kink that `KINKS` does not know.

    Example:
        >>> from autograd import tanh
        >>> print(derivative_table([tanh]).splitlines()[-1])
        | `tanh` | $\\tanh\\left(x\\right)$ | $\\partial x$: $1 - \\tanh\\left(x\\right)^{2}$ |
    """
    parts: list[tuple[str, str, Callable[[Primitive], bool]]] = [
        ("Element by element", "local derivative", lambda rule: isinstance(rule, Elementwise)),
        ("Reductions", "weight of an element", lambda rule: isinstance(rule, Reduction)),
        ("Linear maps", "vector-Jacobian product", lambda rule: isinstance(rule, Linear)),
        ("Whole matrices", "vector-Jacobian product", lambda rule: True),
    ]
    left = list(rules) or [rule for rule in primitives() if rule.builtin]
    sections: list[str] = []
    for title, heading, belongs in parts:
        rules_of_part = [rule for rule in left if belongs(rule)]
        left = [rule for rule in left if not belongs(rule)]
        if rules_of_part:
            sections.append("\n".join([f"## {title}", "", *_part(rules_of_part, heading)]))
    return "\n\n".join(sections) + "\n"


def _part(rules: Sequence[Primitive], heading: str) -> list[str]:
    """The lines of a table; its last column is for kinks, where a rule of it has one."""
    columns = ["primitive", "value", heading] + ["at a kink"] * any(rule.kink for rule in rules)
    lines = [columns, ["---"] * len(columns), *(_row(rule)[: len(columns)] for rule in rules)]
    return [f"| {' | '.join(cells)} |" for cells in lines]


def _row(rule: Primitive) -> list[str]:
    derivatives = "<br>".join(f"{_math(PARTIAL + name)}: {_math(latex)}" for name, latex in _derivatives(rule))
    return [f"`{rule.name}`", _math(value_latex(rule)), derivatives, _kink(rule)]


def _math(latex: str) -> str:
    """LaTeX in a cell of a table, which a bar would end."""
    upright = _OUT.sub(lambda _: r"\mathrm{out}", latex.replace("|", r"\vert ")).replace(r"g \mathrm", r"g \, \mathrm")
    return "$" + _INVERSE_TRANSPOSE.sub(r"\1^{-\\top}", upright) + "$"


def value_latex(rule: Primitive) -> str:
    """What the primitive computes, in its own notation."""
    arguments = [Symbol(name) for name in ARGUMENTS[: _arity(rule)]]
    return (_reduced(rule, arguments[0]) if isinstance(rule, Reduction) else rule.expression(*arguments)).latex


def _arity(rule: Primitive) -> int:
    if isinstance(rule, Elementwise):
        return rule.arity
    return 1 if isinstance(rule, Reduction) else len(example(rule).arrays)


def _derivatives(rule: Primitive) -> Iterator[tuple[str, str]]:
    """Each argument with the derivative in LaTeX."""
    if isinstance(rule, Elementwise | Reduction):
        for place in range(_arity(rule)):
            yield ARGUMENTS[place], rule.local_latex(place)
    else:
        for name, contribution in zip(ARGUMENTS, traced(rule), strict=False):
            yield name, written(contribution).latex


def example(rule: Primitive) -> Arguments:
    """The first of the arguments that the checker tries which the primitive takes.

    Raises:
        LookupError: there are none.
    """
    for arguments in tried(rule, 0, {}):
        with suppress(ArithmeticError, LookupError, TypeError, ValueError):
            rule.forward(*arguments.arrays, **arguments.params)
            return arguments
    raise LookupError(f"{rule.name}: takes no arguments that autograd.testing.arguments tries; give it some there")


# ---- a rule run on nodes, and read from their graph ----------------------------------------------------------------


def traced(rule: Primitive) -> list[Tensor]:
    """Each argument's contribution as a node, whose graph leads to leaves that are called g, out, x and y."""
    arrays, params = example(rule)
    out = rule.forward(*arrays, **params)
    inputs = [_leaf(data, name) for data, name in zip(arrays, ARGUMENTS, strict=False)]
    upstream = _leaf(np.ones_like(out), UPSTREAM)
    contributions = rule.vjp(upstream, _leaf(out, OUT), inputs, [True] * len(inputs), params)
    return [each if isinstance(each, Tensor) else Tensor(each) for each in contributions]


def _leaf(data: Any, name: str) -> Tensor:
    return Tensor(np.array(data), requires_grad=True, name=name)


def written(root: Tensor) -> Symbol:
    """A node as a formula of its leaves. Inside of it changes of shape are left out, and a mask is called M."""
    formulas: dict[int, Symbol] = {}
    for node in graph_nodes(root):
        arguments = [_operand(parent, formulas[parent.id], node) for parent in node.parents]
        if node.rule is None:
            formulas[node.id] = _leaf_symbol(node)
        elif node is not root and node.rule.name in ("reshape", "broadcast_to"):
            formulas[node.id] = arguments[0]
        elif node.rule.name == "getitem":
            index = _index_text(node)
            formulas[node.id] = Symbol(f"{arguments[0]}[{index}]", f"{arguments[0].latex}[{index}]")
        elif isinstance(node.rule, Reduction):
            formulas[node.id] = _reduced(node.rule, arguments[0])
        else:
            formulas[node.id] = node.rule.expression(*arguments)
    return formulas[root.id]


def _leaf_symbol(leaf: Tensor) -> Symbol:
    if leaf.name:
        return Symbol(leaf.name)
    return as_symbol(leaf.item()) if leaf.size == 1 else Symbol("M")


def _operand(parent: Tensor, formula: Symbol, node: Tensor) -> Symbol:
    """In a product of matrices what is done element by element stands in parentheses."""
    open_product = node.rule is matrix_product and isinstance(parent.rule, Elementwise)
    return Symbol(*formula.at_level(ATOM)) if open_product else formula


def _reduced(rule: Reduction, x: Symbol) -> Symbol:
    """Of an array: the notation of a rule writes down the reduction of several scalars, one by one."""
    return Symbol(f"Σ {x}", rf"\sum {x.latex}", PRODUCT) if rule.symbol == "Σ" else rule.expression(x)


def _index_text(node: Tensor) -> str:
    return ", ".join(_slice_text(each) if isinstance(each, slice) else "i" for each in node.params["index"])


def _slice_text(part: slice) -> str:
    start, stop, step = ("" if each is None else str(each) for each in (part.start, part.stop, part.step))
    return f"{start}:{stop}" + (f":{step}" if step else "")


# ---- kinks ---------------------------------------------------------------------------------------------------------


def _kink(rule: Primitive) -> str:
    """Where the primitive has a kink, what its rule gives there, and the option that changes it."""
    if rule.kink is None:
        return ""
    if rule.name not in KINKS:
        raise LookupError(f"{rule.name}: has a kink; give KINKS in {__file__} arguments that lie on it")
    where, _, _ = KINKS[rule.name]
    return f"{where}: {', '.join(f'{weight:g}' for weight in at_kink(rule))} (`{rule.kink.option}=`)"


def at_kink(rule: Primitive) -> list[float]:
    """The derivatives that the rule gives on its kink, as it stands."""
    _, inputs, params = KINKS[rule.name]
    out = np.asarray(rule.forward(*inputs, **params))
    arrays = list(map(np.asarray, inputs))
    contributions = rule.vjp(np.ones_like(out), out, arrays, [True] * len(arrays), dict(params))
    return [float(weight) for each in contributions for weight in np.ravel(each)]


if __name__ == "__main__":
    print(derivative_table())
