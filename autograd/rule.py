"""How a primitive is declared: once, with its forward NumPy call, its derivative rule, its symbol and its LaTeX.

From that one declaration come the scalar node, the tensor node, the label on the edge and its LaTeX, reverse mode and
forward mode. A rule is written in operators, methods and primitives, which take floats, arrays and nodes alike: applied
to arrays it computes a gradient, applied to nodes it records the gradient's own graph, so there is no second set of
rules for higher derivatives, and applied to symbols it writes itself down.

This page holds what all primitives share; `rules` holds the three kinds of derivative rule.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import numpy as np

from autograd import symbol as notation
from autograd.errors import DTypeError, KinkError
from autograd.scalar_pull import pull_weights
from autograd.symbol import Symbol

P = ParamSpec("P")
R = TypeVar("R")

Rule = Callable[..., Any]

_registry: dict[str, Primitive] = {}


class _NonfiniteFlags(threading.local):
    """Whether the products of this backward pass of arrays must look out for 0·inf and 0·NaN."""

    masking = False  # a choice was made among elements: until the pass ends, look for 0·NaN in what was not chosen


class _InvalidOperation:
    """The last time that NumPy met an invalid operation, 0·inf or inf - inf, in any thread: an object of its own."""

    __slots__ = ("last",)

    last: object


flags = _NonfiniteFlags()
# Not of each thread, which would take five times as long to ask: another's causes one look too many, and no more.
invalid = _InvalidOperation()
invalid.last = object()


def may_hide_zero(before: object, products: Iterable[Any]) -> bool:
    """Whether products, made since `invalid.last` was `before`, may hold a NaN that 0 times something has made."""
    if invalid.last is not before:
        return True
    return flags.masking and any(product is not None and _holds_nan(product) for product in products)


def _holds_nan(product: Any) -> bool:
    return bool(np.isnan(getattr(product, "_data", product)).any())


def _note_invalid(*_: Any) -> None:
    invalid.last = object()


# A decorator for what computes derivatives of arrays: infinities are values, invalid operations are noted. NumPy's own
# flag tells of an invalid operation at no cost; asking every product for NaN would double the time of a small
# operation. As a decorator NumPy's `errstate` takes a third of what it takes as a context.
quiet_arithmetic = np.errstate(divide="ignore", over="ignore", under="ignore", invalid="call", call=_note_invalid)


def array_arithmetic(function: Callable[P, R]) -> Callable[P, R]:
    """Mark a function that computes derivatives of arrays: `quiet_arithmetic`, and `flags.masking` for itself alone."""
    quiet = quiet_arithmetic(function)

    @wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        before, flags.masking = flags.masking, False
        try:
            return quiet(*args, **kwargs)
        finally:
            flags.masking = before

    return wrapper


class Kink:
    """Where a primitive has no derivative, and which of the one-sided answers it gives.

    Args:
        option: the keyword of `autograd.kinks` and of the primitive that chooses: "ties", "relu", ...
        at: predicate of the arguments' data, true where they lie on a kink.
    """

    def __init__(self, option: str, at: Callable[..., Any]) -> None:
        self.option = option
        self.at = at


class Primitive:
    """A differentiable operation. Calling it applies it: to nodes, arrays, floats, nested lists of Values, or symbols.

    Args:
        name: unique among the primitives; NumPy's name where NumPy has the function.
        forward: the NumPy call, of the arguments' arrays and the keyword parameters.
        symbol: how pictures label the operation; the name unless given.
        latex: a function of `Symbol` arguments that gives the operation's notation.
        kink: where the operation has no derivative.

    Raises:
        ValueError: autograd has a primitive of that name. One of your own is replaced, as when a notebook's cell runs
            again.
    """

    def __init__(
        self,
        name: str,
        forward: Rule,
        *,
        symbol: str = "",
        latex: Callable[..., Symbol] | str = "",
        kink: Kink | None = None,
    ) -> None:
        if name in _registry and _registry[name].builtin:
            raise ValueError(f"autograd has a primitive named {name!r} already; choose another name")
        self.name = name
        self.forward = forward
        self.symbol = symbol or name
        self.kink = kink
        operator = rf"\operatorname{{{name}}}".replace("_", r"\_")
        self.expression: Callable[..., Symbol] = (
            latex if callable(latex) else notation.function(name, latex or operator)
        )
        _registry[name] = self

    builtin = False  # one of autograd's own
    elementwise = False  # whether operands are brought to the result's shape and dtype first
    part: Rule | None = None  # of a rule that takes a part of its one argument: the part, from the parameters

    def __repr__(self) -> str:
        return f"<primitive {self.name}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return primitive, (self.name,)

    def __call__(self, *args: Any, **params: Any) -> Any:
        if not args:
            raise TypeError(f"{self.name}: needs at least one argument")
        objects = False
        for arg in args:
            if arg.__class__ is np.ndarray:  # asked first: in a backward pass every argument is an array or a number
                objects = objects or arg.dtype.kind == "O"
                continue
            record = getattr(arg, "_record", None)
            if record is not None:
                return record(self, args, params)
            objects = objects or holds_objects(arg)
        if objects:
            return self.on_objects(*map(as_operand, args), **params)
        try:
            result = self.on_numbers(*args, **params)
            if getattr(getattr(result, "dtype", None), "kind", "f") == "c":
                raise TypeError("complex numbers have no derivative here; take real and imaginary parts")
            return result
        except (TypeError, AttributeError) as error:
            kinds = " and ".join(type(arg).__name__ for arg in args)
            raise DTypeError(
                f"{self.name}: takes real numbers, arrays of them, and nodes, not {kinds}: {error}"
            ) from error

    def documentation(self) -> str | None:
        """What `help` says of the primitive."""
        return self.__doc__

    def on_numbers(self, *args: Any, **params: Any) -> Any:
        """The plain NumPy call."""
        return self.forward(*args, **params)

    def on_objects(self, *args: Any, **params: Any) -> Any:
        """The operation on arrays of `Value`s."""
        return self.forward(*args, **params)

    pull_value: Callable[[Any], None] = staticmethod(pull_weights)  # adds what a scalar node hands on to its parents

    def vjp(
        self, gradient: Any, out: Any, inputs: Sequence[Any], needed: Sequence[bool], params: dict[str, Any]
    ) -> list[Any]:
        """The vector-Jacobian product: upstream gradient -> each argument's contribution, None where not needed."""
        raise self._undeclared()

    def contributions(
        self, gradient: Any, out: Any, inputs: Sequence[Any], needed: Sequence[bool], params: dict[str, Any]
    ) -> list[Any]:
        """The vector-Jacobian product, in which what received nothing hands on nothing, even times infinity."""
        return self.vjp(gradient, out, inputs, needed, params)

    def jvp(self, tangents: Sequence[Any], out: Any, inputs: Sequence[Any], params: dict[str, Any]) -> Any:
        """The Jacobian-vector product: a tangent of each argument (None for zero) -> the tangent of the result."""
        raise self._undeclared()

    def _undeclared(self) -> NotImplementedError:
        return NotImplementedError(
            f"{self.name}: has no derivative rule; declare it as Elementwise, Linear or Reduction, which have one"
        )

    def local(self, node: Any, argument: int) -> Any:
        """The local derivative of a node with respect to one argument, as a number or array; None if it is none."""
        return None

    def local_symbol(self, argument: int, names: Sequence[str] = ()) -> Symbol | None:
        """The local derivative in symbols; None for an operation that has none element by element."""
        return None

    def local_text(self, argument: int, names: Sequence[str] = ()) -> str:
        """The local derivative as text, such as ``"y·x^(y − 1)"``; empty where there is none."""
        derivative = self.local_symbol(argument, names)
        return "" if derivative is None else derivative.text

    def local_latex(self, argument: int, names: Sequence[str] = ()) -> str:
        """The local derivative in LaTeX; empty where there is none."""
        derivative = self.local_symbol(argument, names)
        return "" if derivative is None else derivative.latex

    def check_kink(self, inputs: Sequence[Any], params: dict[str, Any]) -> None:
        """Raise `KinkError` where the arguments lie on a kink and the rule in force is "raise"."""
        kink = self.kink
        if kink is not None and params.get(kink.option) == "raise" and np.any(kink.at(*inputs, **params)):
            raise KinkError(
                f"{self.name}: the argument lies on a kink, where there is no derivative "
                f"(kinks({kink.option}='raise') is in force). Move the input, or choose another rule"
            )


def primitive(name: str) -> Primitive:
    """The primitive of a given name."""
    try:
        return _registry[name]
    except KeyError:
        raise LookupError(
            f"no primitive is named {name!r}; import the module that declares it, or see autograd.primitives()"
        ) from None


def primitives() -> tuple[Primitive, ...]:
    """Every declared primitive, in order of declaration: autograd's own, whose `builtin` is True, and the user's."""
    return tuple(_registry.values())


def seal_table() -> None:
    """Mark what is declared so far as autograd's own, and let each primitive document itself."""
    for rule in _registry.values():
        rule.builtin = True
        rule.__doc__ = rule.documentation()


def holds_objects(arg: Any) -> bool:
    """True for an array or nested list of nodes."""
    if isinstance(arg, np.ndarray):
        return bool(arg.dtype == object)
    return isinstance(arg, list | tuple) and any(hasattr(each, "_record") or holds_objects(each) for each in arg)


def as_operand(arg: Any) -> Any:
    """A nested list as an array, of objects where it holds Values; anything else as it is."""
    if isinstance(arg, list | tuple):
        return np.array(arg, dtype=object if holds_objects(arg) else None)
    return arg
