"""`detect_anomaly`: the first number that is not finite raises an error, in the forward or the backward pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from autograd.anomaly.faults import edge_fault, is_finite, value_fault
from autograd.backward_pass import topological_order
from autograd.errors import AnomalyError
from autograd.node import Node
from autograd.recording import _set, user_source
from autograd.steps import EdgeStep, HandmadeStep, HookStep, SeedStep, backward_steps

__all__ = ["detect_anomaly"]


@contextmanager
def detect_anomaly() -> Iterator[None]:
    """A context in which the first NaN or infinity raises an error that says where it came from. Also a decorator.

    Every node remembers the user's line that made it, as in `record_source`. An operation whose result is infinite
    though its arguments are finite, or is NaN, raises at once; an infinity that comes from an argument, as in a mask of
    −∞, is no fault. In a backward pass the first contribution that is not finite raises: what received nothing hands on
    0, even times an infinite local derivative, and is no fault either.

    Each operation and each edge is looked at, which takes some 30 times as long on Values and 3 times on a small
    convolutional network; use it to look for a fault, not in training. Transforms such as `grad` are watched too,
    forward mode and recorded programs are not. A pass that the error breaks off leaves its gradients as
    `backward_steps` says.

    Raises:
        AnomalyError: inside the context, at the first number that is not finite.

    Example:
        >>> from autograd import Value, detect_anomaly
        >>> x = Value(0.0, "x")
        >>> with detect_anomaly():
        ...     x.sqrt().backward()
        Traceback (most recent call last):
        ...
        autograd.errors.AnomalyError: backward of sqrt: x receives 1 × ∞ = ∞ from v₁
          the local derivative is 1/(2·√x), at x = 0
          ...: x.sqrt().backward()
          remedy: the slope of √ at 0 is infinite: sqrt(x + 1e-12); for a length take autograd.norm, ...
    """
    with _set("source", True), _set("watch", _Watch()):
        yield


class _Watch:
    """What looks at the numbers: the engine calls it while a context is open."""

    def result(self, rule: Any, arguments: Sequence[Any], params: dict[str, Any], data: Any) -> None:
        """Look at what an operation made."""
        if not is_finite(data):
            fault = value_fault(rule, arguments, params, data, user_source(), passed_on=True)
            if fault is not None:
                raise AnomalyError(fault.text(Node.describe))

    def contributions(self, node: Any, upstream: Any, received: Sequence[Any]) -> None:
        """Look at what a node hands on, in a pass of a transform."""
        upstream = getattr(upstream, "_data", upstream)
        for argument, contribution in enumerate(received):
            if node.parents[argument].requires_grad:
                fault = edge_fault(node, argument, upstream, getattr(contribution, "_data", contribution))
                if fault is not None:
                    raise AnomalyError(fault.text(Node.describe))

    def backward(self, root: Any, gradient: Any, keep: str) -> None:
        """A backward pass, step by step, each of which is looked at."""
        for step in backward_steps(root, gradient, names={}):
            _look_at(step)
        if keep == "leaves":
            for node in topological_order(root):
                if node.rule is not None:
                    node.grad = node.UNCOMPUTED


def _look_at(step: Any) -> None:
    if isinstance(step, EdgeStep):
        fault = edge_fault(step.node, step.argument, step.upstream, step.contribution)
        if fault is not None:
            raise AnomalyError(fault.text(step.names.__getitem__))
        if _breaks(step.before, step.after):
            raise _anomaly(step, f"the sum of what reaches {step.receiver} overflows")
    elif isinstance(step, SeedStep):
        if not is_finite(step.gradient):
            raise _anomaly(step, "the gradient that the pass starts from is not finite")
    elif isinstance(step, HookStep):
        if _breaks(step.gradient, step.replaced):
            raise _anomaly(step, f"a hook of {step.name} made a number that is not finite")
    elif isinstance(step, HandmadeStep) and any(map(_breaks, step.before, step.after)):
        raise _anomaly(step, f"the _backward of {step.name}, written by hand, made a number that is not finite")


def _breaks(before: Any, after: Any) -> bool:
    return not is_finite(after) and is_finite(before)


def _anomaly(step: Any, what: str) -> AnomalyError:
    return AnomalyError(f"backward: {what}\n  {step}")
