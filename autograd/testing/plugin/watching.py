"""What looks at the graph while a test runs: for numbers that are not finite, and at the rules that a pass used."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from autograd.anomaly import detect_anomaly
from autograd.backward_pass import backward, topological_order
from autograd.recording import _set, modes

__all__ = ["finite_numbers", "used_rules"]


class _RuleWatch:
    """Shows each node that handed on its gradient; the engine calls it, as it calls the watch of `detect_anomaly`.

    Args:
        used: is called with each node.
        beside: another watch, that looks too.
    """

    def __init__(self, used: Callable[[Any], None], beside: Any = None) -> None:
        self.used = used
        self._beside = beside

    def result(self, rule: Any, arguments: Sequence[Any], params: dict[str, Any], data: Any) -> None:
        """An operation's result, which only the other watch looks at."""
        if self._beside is not None:
            self._beside.result(rule, arguments, params, data)

    def contributions(self, node: Any, upstream: Any, received: Sequence[Any]) -> None:
        """What a node hands on, in a pass of a transform."""
        if self._beside is not None:
            self._beside.contributions(node, upstream, received)
        self.used(node)

    def backward(self, root: Any, gradient: Any, keep: str) -> None:
        """A backward pass, as it is without a watch, and then each node that it came through."""
        if self._beside is not None:
            self._beside.backward(root, gradient, keep)
        else:
            with _set("watch", None):
                backward(root, gradient, keep="leaves" if keep == "leaves" else "all")
        for node in topological_order(root):
            if node.rule is not None and (keep == "leaves" or node.has_grad):
                self.used(node)


@contextmanager
def used_rules(used: Callable[[Any], None]) -> Iterator[None]:
    """A context in which `used` is called with each node through which a backward pass has gone.

    Passes of `backward` and of transforms such as `grad` are seen, in this thread; forward mode, recorded programs, and
    a pass inside a `detect_anomaly` of the test's own are not.
    """
    with _set("watch", _RuleWatch(used)):
        yield


@contextmanager
def finite_numbers() -> Iterator[None]:
    """`detect_anomaly`, in which the rules that a pass uses are still seen where somebody looks at them.

    NumPy's own warnings of autograd's calls are kept back: where warnings are errors they would come first, and they
    know neither the node nor the line.
    """
    outer = modes.watch
    with warnings.catch_warnings(), detect_anomaly():
        warnings.filterwarnings("ignore", category=RuntimeWarning, module="autograd")
        if not isinstance(outer, _RuleWatch):
            yield
            return
        with _set("watch", _RuleWatch(outer.used, beside=modes.watch)):
            yield
