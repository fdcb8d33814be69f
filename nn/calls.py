"""Calling a module: the scope that a call opens, and the hooks before it, after it and in its backward pass."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd import Node, scope
from autograd.primitives.elementwise import identity
from autograd.recording import modes
from nn.parts import Parts

ForwardHook = Callable[[Any, tuple[Any, ...], Any], Any]
ForwardPreHook = Callable[[Any, tuple[Any, ...]], Any]
BackwardHook = Callable[[Any, tuple[Any, ...], tuple[Any, ...]], Any]
Remove = Callable[[], None]

HOOKS = ("_hooks", "_pre_hooks", "_backward_hooks")  # the attributes that hold them, which are not copied


class _Open(threading.local):
    def __init__(self) -> None:
        self.calls: list[Any] = []  # the modules whose forward runs now, the outermost first


open_modules = _Open()


class Calls(Parts):
    """The part of `Module` that runs `forward`."""

    # Each hook in a list of its own, which tells equal hooks apart.
    _hooks: tuple[list[ForwardHook], ...] = ()
    _pre_hooks: tuple[list[ForwardPreHook], ...] = ()
    _backward_hooks: tuple[list[BackwardHook], ...] = ()

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the module computes; each subclass defines it."""
        raise NotImplementedError(f"{type(self).__name__}: define forward(self, ...), which a call of the module runs")

    @property
    def scope_name(self) -> str:
        """The name of the scope that a call opens."""
        return type(self).__name__.lower()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run `forward` in a scope of the module's name, and the hooks around it."""
        for (before,) in self._pre_hooks:
            replaced = before(self, args)
            if replaced is not None:
                args = replaced if isinstance(replaced, tuple) else (replaced,)
        open_modules.calls.append(self)
        try:
            with scope(self.scope_name):
                output = self._watched(args, kwargs) if self._backward_hooks else self.forward(*args, **kwargs)
        except Exception as error:
            if not getattr(error, "__notes__", None):  # the innermost module names itself, once
                error.add_note(f"in the forward pass of {self.describe()}")
            raise
        finally:
            open_modules.calls.pop()
        for (hook,) in self._hooks:
            replaced = hook(self, args, output)
            output = output if replaced is None else replaced
        return output

    def register_forward_hook(self, hook: ForwardHook) -> Remove:
        """Call ``hook(module, arguments, output)`` after each forward pass; returns a function that removes the hook.

        What the hook returns, unless None, takes the output's place. Hooks are neither copied nor pickled.
        """
        return self._register_hook("_hooks", hook)

    def register_forward_pre_hook(self, hook: ForwardPreHook) -> Remove:
        """Call ``hook(module, arguments)`` before each forward pass; returns a function that removes the hook.

        What the hook returns, unless None, takes the positional arguments' place: a tuple, or the only one.
        """
        return self._register_hook("_pre_hooks", hook)

    def register_full_backward_hook(self, hook: BackwardHook) -> Remove:
        """Call ``hook(module, grad_input, grad_output)`` in each backward pass; returns a function that removes it.

        `grad_input` holds the gradient that each positional argument gets from the module, `grad_output` the one that
        each result received; None for what has none. What the hook returns, unless None, takes the place of
        `grad_input`: a tuple, or the only one. Results in tuples, lists and dicts are taken one after the other. The
        nodes that watch for them show as ``=`` in pictures. Where no argument needs a gradient, `grad_input` is empty.

        Example:
            >>> import nn
            >>> from autograd import Tensor
            >>> layer = nn.Linear(2, 1, bias=False)
            >>> layer.weight.data = [[3.0, 5.0]]
            >>> remove = layer.register_full_backward_hook(lambda module, received, sent: print(received, sent))
            >>> layer(Tensor([1.0, 1.0], requires_grad=True)).backward([2.0])
            (array([ 6., 10.]),) (array([2.]),)
        """
        return self._register_hook("_backward_hooks", hook)

    def _register_hook(self, kind: str, hook: Any) -> Remove:
        entry = [hook]
        object.__setattr__(self, kind, (*getattr(self, kind), entry))

        def remove() -> None:
            kept = tuple(other for other in getattr(self, kind) if other is not entry)
            object.__setattr__(self, kind, kept)

        return remove

    def _watched(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """`forward` between nodes that see the gradients of its arguments and results.

        A backward pass visits nodes in the order of their creation, the last first. The first of the results that it
        visits finds the gradients of all made before it complete, and so does the first of the arguments; what was
        made after it has none.
        """
        inputs = [identity(arg) if _needs_gradient(arg) else arg for arg in args]
        outputs: list[Any] = []
        output = _with_watched(self.forward(*inputs, **kwargs), outputs)
        watched = any(map(_needs_gradient, inputs))
        received = _Received(len(outputs))
        for place, each in enumerate(outputs):
            if _needs_gradient(each):
                each.register_hook(self._at_result(received, outputs[:place], watched))
        for place, each in enumerate(inputs):
            if _needs_gradient(each):
                each.register_hook(self._at_argument(received, inputs[:place], len(inputs)))
        return output

    # What a node's hook holds was made before the node: else a graph would refer to itself, and outlive its use.

    def _at_result(self, received: _Received, earlier: Sequence[Any], watched: bool) -> Callable[[Any], Any]:
        def hook(gradient: Any) -> None:
            if received.begin([*_gradients(earlier), gradient]) and not watched:
                self._run_backward_hooks((), received.take())

        return hook

    def _at_argument(self, received: _Received, earlier: Sequence[Any], arguments: int) -> Callable[[Any], Any]:
        def hook(gradient: Any) -> Any:
            if not received.waiting:
                return None
            sent = received.fresh_arguments([*_gradients(earlier), gradient], arguments)
            replaced = self._run_backward_hooks(sent, received.take())
            for place, each in enumerate(earlier):
                if replaced[place] is not sent[place] and _needs_gradient(each):
                    each.grad = each._as_gradient(replaced[place])
                    received.sent_before[place] = each.grad
            return replaced[len(earlier)]

        return hook

    def _run_backward_hooks(self, sent: tuple[Any, ...], received: tuple[Any, ...]) -> tuple[Any, ...]:
        """Call the hooks one after the other; returns what the arguments get."""
        for (hook,) in self._backward_hooks:
            replaced = hook(self, sent, received)
            if replaced is None:
                continue
            gradients = replaced if isinstance(replaced, tuple) else (replaced,)
            if len(gradients) != len(sent):
                raise ValueError(
                    f"{self.describe()}: a backward hook returned {len(gradients)} gradients for {len(sent)} "
                    f"arguments; return one for each, or None"
                )
            sent = tuple(old if new is None else new for old, new in zip(sent, gradients, strict=True))
        return sent


class _Received:
    """What the results of a call receive in a backward pass."""

    def __init__(self, results: int) -> None:
        self.waiting: tuple[Any, ...] = ()
        self._pass = 0
        self._before: list[Any] = [None] * results  # of earlier passes: still on the nodes, but stale
        self.sent_before: list[Any] = []

    def begin(self, gradients: list[Any]) -> bool:
        """Note the gradients of the results up to the last one that a pass visits; returns whether this is that one."""
        if self._pass == modes.backward_pass:
            return False
        self._pass = modes.backward_pass
        now = gradients + [None] * (len(self._before) - len(gradients))
        self.waiting, self._before = _fresh(now, self._before), now
        return True

    def fresh_arguments(self, gradients: list[Any], arguments: int) -> tuple[Any, ...]:
        """The gradients of so many arguments, of which the first are given; None for what a pass did not reach."""
        now = gradients + [None] * (arguments - len(gradients))
        fresh = _fresh(now, self.sent_before or [None] * arguments)
        self.sent_before = now
        return fresh

    def take(self) -> tuple[Any, ...]:
        """The gradients, which are then no longer waiting."""
        taken, self.waiting = self.waiting, ()
        return taken


def _fresh(now: list[Any], before: list[Any]) -> tuple[Any, ...]:
    """Gradients without those that an earlier pass left: each pass makes arrays of its own."""
    stale = [new is old and isinstance(new, np.ndarray) for new, old in zip(now, before, strict=True)]
    return tuple(None if old else new for new, old in zip(now, stale, strict=True))


def _with_watched(result: Any, watched: list[Any]) -> Any:
    """A result in which each node has another behind it, which is added to `watched`; tuples, lists and dicts too."""
    if isinstance(result, dict):
        return {name: _with_watched(each, watched) for name, each in result.items()}
    if isinstance(result, tuple | list):
        parts = [_with_watched(each, watched) for each in result]
        return result._make(parts) if hasattr(result, "_make") else type(result)(parts)
    watched.append(identity(result) if _needs_gradient(result) else result)
    return watched[-1]


def _needs_gradient(x: Any) -> bool:
    return isinstance(x, Node) and x.requires_grad


def _gradients(nodes: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(node.grad if _needs_gradient(node) and node.has_grad else None for node in nodes)
