"""A path in colour: which uses lie on it, and the product of their local derivatives."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from autograd.node import Node
from autograd.numbers import number_text
from viz.picture.flow import Use
from viz.picture.names import Names
from viz.picture.view import View
from viz.picture.wording import ends


def highlighted_uses(nodes: Sequence[Node], view: View) -> list[Use]:
    """The uses on the view's path: all of them between two neighbours, unless the path names one.

    Raises:
        ValueError: a node of the path is not in the graph, or does not use the one before it.
    """
    path = view.highlight
    known = {node.id for node in nodes}
    for node in path:
        if node.id not in known:
            raise ValueError(f"draw: highlight: {node.describe()} is no node of the graph that is drawn")
    uses: list[Use] = []
    for place, (source, target) in enumerate(pairwise(path)):
        found = [argument for argument, parent in enumerate(target.parents) if parent is source]
        if view.arguments:
            found = [argument for argument in found if argument == view.arguments[place]]
        if not found:
            raise ValueError(
                f"draw: highlight: {target.describe()} does not use {source.describe()}; give the nodes of a path from "
                f"an argument to the result"
            )
        uses += [(target, argument) for argument in found]
    return uses


def product_along(uses: Sequence[Use], called: Names) -> str:
    """A path and the product of its local derivatives, in words; parallel uses are added. Empty without a path."""
    if not uses:
        return ""
    steps: dict[int, list[Use]] = {}
    for use in uses:
        steps.setdefault(use[0].id, []).append(use)
    names = [called[step[0][0].parents[step[0][1]]] for step in steps.values()][:1]
    names += [called[step[0][0]] for step in steps.values()]
    factors = [_factor(step) for step in steps.values()]
    if any(factor is None for factor in factors):
        return f"path {' → '.join(ends(names))}"
    numbers = [float(factor) for factor in factors if factor is not None]
    texts = [f"({text})" if text.startswith("−") else text for text in map(number_text, numbers)]
    return f"path {' → '.join(ends(names))}: {' · '.join(ends(texts))} = {number_text(math.prod(numbers))}"


def _factor(uses: Sequence[Use]) -> float | None:
    """The local derivative of one step; None where it is not one number."""
    total = 0.0
    for node, argument in uses:
        assert node.rule is not None
        with np.errstate(all="ignore"):
            local = node.rule.local(node, argument)
        if local is None or np.size(local) != 1 or np.size(node.data) != 1:
            return None
        total += float(np.asarray(local).item())
    return total
