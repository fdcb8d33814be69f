"""Finding a convolution or a pooling in a recorded graph."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.backward_pass import creation
from autograd.errors import GraphError, MutationError
from autograd.mutation import check_unchanged
from autograd.node import Node, graph_nodes
from autograd.primitives.contractions import contract
from autograd.primitives.elementwise import add, divide
from autograd.primitives.reductions import max_
from autograd.primitives.structural import reshape, sum_
from autograd.recording import Scope
from viz.convolution.recorded import Convolution, Pooling
from viz.convolution.windows import windows_of


def convolution_of(output: Any, function: str = "receptive_field") -> Convolution:
    """The convolution whose result a node is.

    Args:
        function: who asks, for the messages.

    Raises:
        TypeError: `output` is no Tensor.
        GraphError: it is no result of conv2d, or the graph does not hold the convolution.
        MutationError: data was changed after the forward pass used it.
    """
    scope = _scope_of(output, ("conv2d",), function)
    geometry, node = scope.geometry, output
    bias = node.parents[1] if node.rule is add else None
    if node.rule is add:
        node = node.parents[0]
    if geometry.groups > 1 and node.rule is reshape:
        node = node.parents[0]
    if node.rule is not contract or node.scopes[-1] is not scope or np.ndim(output.data) != len(geometry.batch) + 3:
        raise GraphError(
            f"{function}: {output.describe()} is not conv2d's own result, or its input and weight are constants, "
            f"which the graph does not hold; make one of them with requires_grad=True and pass what conv2d returned"
        )
    weight, patches = node.parents
    input = _before(patches, scope) if patches.rule is not None else None
    _check_unchanged(output, scope, function)
    return Convolution(
        function="conv2d",
        output=output,
        input=input,
        windows=windows_of(geometry, geometry.grouped_input[-2:]),
        weight=_before(weight, scope),
        bias=None if bias is None else _before(bias, scope),
        groups=geometry.groups,
        contraction=node,
        batch=geometry.batch[0] if geometry.batch else 1,
    )


def pooling_of(output: Any, function: str = "pooling_window") -> Pooling:
    """The pooling whose result a node is; see `convolution_of` for the errors."""
    scope = _scope_of(output, ("max_pool2d", "avg_pool2d"), function)
    node = output.parents[0] if output.rule is divide else output
    expected = sum_ if scope.name == "avg_pool2d" else max_
    if node.rule is not expected or (expected is sum_) != (output.rule is divide) or node.scopes[-1] is not scope:
        raise GraphError(
            f"{function}: {output.describe()} is a step inside {scope.name}; pass what {scope.name} returned"
        )
    _check_unchanged(output, scope, function)
    windows = windows_of(scope.geometry, scope.geometry.lengths)
    return Pooling(scope.name, output, _before(node, scope), windows, node)


def _scope_of(output: Any, wanted: tuple[str, ...], function: str) -> Scope:
    """The call of one of the wanted functions that made a node."""
    named = " or ".join(wanted)
    if not isinstance(output, Node) or not isinstance(output.data, np.ndarray):
        raise TypeError(
            f"{function}: takes the Tensor that {named} returned, not {type(output).__name__}; draw shows Values"
        )
    if output.rule is None:
        raise GraphError(
            f"{function}: {output.describe()} of shape {output.data.shape} is a leaf or a constant: how it was made "
            f"was not recorded. Pass what {named} returned, made outside no_grad from an argument with "
            f"requires_grad=True"
        )
    scope = output.scopes[-1] if output.scopes else None
    if scope is None or scope.name not in wanted or getattr(scope, "geometry", None) is None:
        raise GraphError(
            f"{function}: {output.describe()} of shape {output.data.shape} is no result of {named}; "
            f"{_results(output, wanted)}"
        )
    return scope


def _results(output: Node, wanted: tuple[str, ...]) -> str:
    """Which results of the wanted functions the graph holds, in words."""
    last: dict[Scope, Node] = {}
    for node in graph_nodes(output):
        if node.rule is not None and node.scopes and node.scopes[-1].name in wanted:
            last[node.scopes[-1]] = node
    if not last:
        return f"nor was any made on the way to it. Pass what {' or '.join(wanted)} returned"
    listed = ", ".join(f"{node.describe()} of shape {node.data.shape}" for node in list(last.values())[:4])
    more = f" and {len(last) - 4} more" if len(last) > 4 else ""
    return f"pass one of those that it was made from: {listed}{more}"


def _before(node: Node, scope: Scope) -> Node:
    """What a call was given: the node from which a chain of its own operations leads here."""
    while node.rule is not None and node.scopes and node.scopes[-1] is scope:
        node = node.parents[0]
    return node


def _check_unchanged(output: Node, scope: Scope, function: str) -> None:
    inside, waiting = {output}, [output]
    while waiting:
        for parent in waiting.pop().parents:
            if parent not in inside and parent.rule is not None and parent.scopes and parent.scopes[-1] is scope:
                inside.add(parent)
                waiting.append(parent)
    beside = {parent for node in inside for parent in node.parents}
    try:
        check_unchanged(sorted(inside | beside, key=creation, reverse=True))
    except MutationError as error:
        raise MutationError(str(error).replace("backward:", f"{function}:", 1)) from None
