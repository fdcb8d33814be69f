"""Second derivatives: the check once more, of the function x -> Jᵀw, and of the symmetry of its derivative."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.node import Node
from autograd.passes import pull_back
from autograd.primitives.elementwise import identity
from autograd.testing.basis import Evidence
from autograd.testing.directions import draw, weights
from autograd.testing.findings import FAULT, Finding
from autograd.testing.point import point_check
from autograd.testing.structure import numbers_of
from autograd.testing.subject import Backwards, GraphSubject, Linearised, Subject, examined_graph

Array = Any


class GradientSubject(Subject):
    """The gradient of Σ w·f as a function of the leaves.

    Args:
        first: the function f.
        upstream: w, one array for each output.
    """

    has_graph = True

    def __init__(self, first: GraphSubject, upstream: list[Array]) -> None:
        self.name = f"the gradient of {first.name}"
        self._first = first
        self._upstream = upstream
        self.place_leaves(first.leaves, first.integers)

    def forward(self, arrays: list[Array]) -> list[Array]:
        variables = self._first.variables(arrays)
        return [np.array(each) for each in numbers_of(self._gradients(variables))]

    def linearise(self, arrays: list[Array]) -> Linearised:
        variables = self._first.variables(arrays)
        gradients = self._gradients([identity(variable) for variable in variables])
        tracked = [
            (place, each) for place, each in enumerate(gradients) if isinstance(each, Node) and each.requires_grad
        ]

        backwards = Backwards([gradient for _, gradient in tracked], variables)

        def pull(upstream: list[Array]) -> list[Array | None]:
            return backwards([upstream[place] for place, _ in tracked])

        return Linearised([np.array(each) for each in numbers_of(gradients)], pull, None, gradients, variables)

    def _gradients(self, variables: list[Any]) -> list[Any]:
        total: list[Any] = [None] * len(variables)
        for root, w in zip(self._first.call(variables), self._upstream, strict=True):
            if isinstance(root, Node) and root.requires_grad:
                found = pull_back(root, float(w) if not np.shape(root._data) and w.ndim == 0 else w, variables)
                total = [new if old is None else old + new for old, new in zip(total, found, strict=True)]
        return [
            np.zeros(np.shape(variable._data)) if each is None else each
            for each, variable in zip(total, variables, strict=True)
        ]

    def examined(self, upstream: Array | None) -> Any:
        return examined_graph(self, upstream)


def second_order(subject: Subject, rng: np.random.Generator, **options: Any) -> Iterator[tuple[str, Evidence]]:
    """What the check of the gradient's derivative finds.

    Raises:
        NotImplementedError: the subject's gradient cannot be differentiated.
    """
    if not isinstance(subject, GraphSubject):
        raise NotImplementedError(
            f"check_grad: order=2 needs a function of nodes; {subject.name} has first derivatives only"
        )
    outputs = subject.forward(subject.arrays)
    upstream = [weights(out.size, rng).reshape(out.shape).astype(out.dtype) for out in outputs]
    gradient = GradientSubject(subject, upstream)
    evidence = point_check(gradient, rng, **options)
    if not evidence.faulty:
        with np.errstate(all="ignore"):
            evidence.findings += _asymmetry(gradient, rng)
    yield "the given input, second derivatives", evidence


def _asymmetry(gradient: GradientSubject, rng: np.random.Generator) -> list[Finding]:
    linearised = gradient.linearise(gradient.arrays)
    one, other = draw(gradient, 2, rng)
    first = gradient.gradient(linearised, other) * one
    second = gradient.gradient(linearised, one) * other
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        return []
    terms = float(np.abs(first).sum() + np.abs(second).sum())
    outputs = float(
        np.abs(np.concatenate([out.ravel() for out in linearised.outputs]) * (np.abs(one) + np.abs(other))).sum()
    )
    allowed = 1e5 * float(np.finfo(linearised.outputs[0].dtype).eps) * (terms + outputs)
    if abs(float(first.sum() - second.sum())) <= allowed:
        return []
    message = "the matrix of second derivatives is not symmetric: <d1, H d2> and <H d1, d2> must be one number"
    return [
        Finding(
            FAULT, "symmetry", message, float(first.sum()), float(second.sum()), allowed, direction=one, weights=other
        )
    ]
