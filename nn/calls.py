"""Calling a module: the scope that a call opens, and the hooks before it, after it and in its backward pass."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from autograd import Node, scope
from autograd.primitives.elementwise import identity
from nn.parts import Parts

ForwardHook = Callable[[Any, tuple[Any, ...], Any], Any]
ForwardPreHook = Callable[[Any, tuple[Any, ...]], Any]
BackwardHook = Callable[[Any, tuple[Any, ...], tuple[Any, ...]], Any]
Remove = Callable[[], None]


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
        `grad_input`: a tuple, or the only one. The nodes that watch for them show as ``=`` in pictures.

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
        visits finds the gradients of all of them complete, and so does the first of the arguments.
        """
        received: list[tuple[Any, ...]] = []
        inputs = [identity(arg) if _needs_gradient(arg) else arg for arg in args]
        output = self.forward(*inputs, **kwargs)
        several = isinstance(output, tuple | list)
        outputs = [identity(each) if _needs_gradient(each) else each for each in (output if several else [output])]

        def at_result(_: Any) -> None:
            if not received:
                received.append(_gradients(outputs))
                if not any(map(_needs_gradient, inputs)):
                    self._run_backward_hooks([], received.pop())

        def at_argument(own: Any) -> Any:
            def hook(_: Any) -> Any:
                if received:
                    self._run_backward_hooks(inputs, received.pop())
                return own.grad if own.has_grad else None

            return hook

        for each in filter(_needs_gradient, outputs):
            each.register_hook(at_result)
        for each in filter(_needs_gradient, inputs):
            each.register_hook(at_argument(each))
        return type(output)(outputs) if several else outputs[0]

    def _run_backward_hooks(self, inputs: Sequence[Any], received: tuple[Any, ...]) -> None:
        for (hook,) in self._backward_hooks:
            replaced = hook(self, _gradients(inputs), received)
            if replaced is None:
                continue
            gradients = replaced if isinstance(replaced, tuple) else (replaced,)
            if len(gradients) != len(inputs):
                raise ValueError(
                    f"{self.describe()}: a backward hook returned {len(gradients)} gradients for {len(inputs)} "
                    f"arguments; return one for each, or None"
                )
            for each, gradient in zip(inputs, gradients, strict=True):
                if gradient is not None and _needs_gradient(each):
                    each.grad = each._as_gradient(gradient)


def _needs_gradient(x: Any) -> bool:
    return isinstance(x, Node) and x.requires_grad


def _gradients(nodes: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(node.grad if _needs_gradient(node) and node.has_grad else None for node in nodes)
