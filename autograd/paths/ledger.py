"""The ledger of paths: each route from a leaf to the root with its product, the rest as one sum, and the total."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass, field

from autograd.numbers import number_text
from autograd.paths.wording import count_text, elided, factor_latex, factor_text, more_latex, more_text
from autograd.steps.names import Names, latex_name, number_latex
from autograd.value import Value

__all__ = ["Ledger", "Path"]


@dataclass(frozen=True, eq=False, repr=False)
class Path:
    """One route from a leaf to the root.

    Attributes:
        nodes: the Values on it, the leaf first and the root last.
        arguments: by which argument each node goes into the next: ``nodes[i + 1].parents[arguments[i]] is nodes[i]``.
        locals: the local derivative of each node by the one before it.
        product: the product of the local derivatives, multiplied from the root on: what comes down this route.
        names: what the nodes are called.

    Example:
        >>> from autograd import Value, paths
        >>> x = Value(2.0, "x")
        >>> L = (x * 3.0).tanh()
        >>> L.name = "L"
        >>> print(paths(L, x).paths[0])
        x → v₁ → L: 3 · 2.458e−5 = 7.373e−5
    """

    nodes: tuple[Value, ...]
    arguments: tuple[int, ...]
    locals: tuple[float, ...]
    product: float
    names: Names = field(repr=False)

    @property
    def route(self) -> str:
        """The names of the nodes, joined by arrows; of many the first and the last."""
        return " → ".join(elided([self.names[node] for node in self.nodes], more_text))

    @property
    def factors(self) -> str:
        """The local derivatives, as a product."""
        return " · ".join(elided([factor_text(local) for local in self.locals], more_text))

    def __str__(self) -> str:
        product = number_text(self.product)
        if len(self.locals) < 2:
            return f"{self.route}: {product}"
        return f"{self.route}: {self.factors} = {product}"

    def __repr__(self) -> str:
        return f"<path {self}>"

    def latex(self) -> str:
        """The product in LaTeX, with the route under it."""
        route = r" \to ".join(elided([self.names.latex(node) for node in self.nodes], more_latex))
        factors = r" \cdot ".join(elided([factor_latex(local) for local in self.locals], more_latex)) or "1"
        return rf"\underbrace{{{factors}}}_{{{route}}}"

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()} = {number_latex(self.product)}$"


@dataclass(frozen=True, eq=False, repr=False)
class Ledger:
    """Every route by which a leaf reaches the root, and what comes down each of them.

    Attributes:
        root, leaf: what they are called.
        count: how many routes there are, exactly; two edges between the same nodes are two ways.
        paths: those of the largest products by absolute value, the largest first. NaN comes before infinity, infinity
            before any number, and 0 last; equal ones are in the order of the arguments, seen from the root.
        rest: what the others add up to: exactly 0 where there are none, or where each has a factor 0.
        total: what all of them add up to: d(root)/d(leaf).
        gradient: what is stored as the leaf's gradient; None where no backward pass has come there.
        matches: whether that is the total; None where there is none.
    """

    root: str
    leaf: str
    count: int
    paths: tuple[Path, ...]
    rest: float
    total: float
    gradient: float | None
    matches: bool | None

    @property
    def left_out(self) -> int:
        """How many paths are not among `paths`."""
        return self.count - len(self.paths)

    @property
    def heading(self) -> str:
        """What the ledger is about, in one line."""
        if not self.count:
            return f"no path from {self.leaf} to {self.root}: the one does not depend on the other"
        return f"{count_text(self.count, 'path')} from {self.leaf} to {self.root}"

    @property
    def remainder(self) -> str:
        """The paths that are left out, in one line; empty where there are none."""
        if not self.left_out:
            return ""
        return f"and {count_text(self.left_out, 'more path')}, together {number_text(self.rest)}"

    @property
    def verdict(self) -> str:
        """The total, and whether the stored gradient agrees, in one line."""
        total = f"total {number_text(self.total)}"
        if self.gradient is None:
            return f"{total}; {self.leaf} has no gradient yet"
        if self.matches:
            return f"{total} = {self.leaf}.grad"
        return f"{total}, but {self.leaf}.grad is {number_text(self.gradient)}: {self._reason()}"

    def _reason(self) -> str:
        assert self.gradient is not None
        ratio = self.gradient / self.total if self.total else math.nan
        times = round(ratio) if math.isfinite(ratio) else 0
        if times > 1 and math.isclose(ratio, times, rel_tol=1e-6):
            return f"{times} times as much, as after {times} backward passes without zero_grad()"
        return "passes have added up, the last one began elsewhere or with another gradient, or a hook changed it"

    def __str__(self) -> str:
        paths = [f"  {path}" for path in self.paths]
        remainder = [f"  {self.remainder}"] if self.left_out else []
        return "\n".join([self.heading, *paths, *remainder, self.verdict])

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        """A table without scripts or styles, so that an untrusted notebook shows it too."""
        rows = [(path.route, path.factors or "1", number_text(path.product)) for path in self.paths]
        if self.left_out:
            rows.append((self.remainder, "", number_text(self.rest)))
        body = "".join(f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
        return (
            f"<table><caption>{html.escape(self.heading)}</caption>"
            f"<thead><tr><th>path</th><th>local derivatives</th><th>product</th></tr></thead><tbody>{body}</tbody>"
            f"<tfoot><tr><td colspan='3'>{html.escape(self.verdict)}</td></tr></tfoot></table>"
        )

    def latex(self) -> str:
        """The derivative as the sum of the paths' products, in LaTeX."""
        terms = [path.latex() for path in self.paths]
        if self.left_out:
            count = rf"\text{{{count_text(self.left_out, 'more path')}}}"
            terms.append(rf"\underbrace{{{factor_latex(self.rest)}}}_{{{count}}}")
        above, below = latex_name(self.root), latex_name(self.leaf)
        lines = " \\\\\n&\\quad + ".join(terms or ["0"])
        return (
            rf"\begin{{aligned}} \frac{{\partial {above}}}{{\partial {below}}} &= {lines} \\"
            f"\n&= {number_latex(self.total)} \\end{{aligned}}"
        )

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"
