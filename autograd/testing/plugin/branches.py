"""The branches of a derivative rule, of which gradient coverage counts those that backward passes took.

A branch is a kind of use in which the rule computes something else, or in which rules are known to go wrong. Which a
rule has follows from how it is declared:

- every rule: `array`; `scalar`, where it serves Values; of arrays `float32` (or less), `empty` and `non-contiguous`;
- one of several arguments: `constant argument`, to which nothing is handed, and `repeated argument`, as in x·x;
- elementwise: `broadcast`, where it has several arguments; `zero` and `negative`, where it is defined there; on its
  kink `tie` or `bound` (the kink of relu and abs is `zero`); of a choice, `both sides`;
- a reduction: `all axes`, `one axis`, `several axes`, `keepdims`; where it chooses, `tie`; of one that autograd does
  not bring, `negative axis`;
- `broadcast_to`: `added axis`, `stretched axis`; indexing: `slice`, `index array`, `repeated index`; windows:
  `overlapping`, `apart`, `dilated`; matrices: `stack`.

Autograd's own functions make axes non-negative before a rule sees them, and broadcasting is a node of its own, whose
rule has the sum: `broadcast` of an elementwise rule says that such a node stood before it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from autograd.primitives.structural import is_basic_index
from autograd.rule import Primitive
from autograd.rules import Elementwise, Linear, Reduction, Whole
from autograd.value import Value

__all__ = ["BRANCHES", "Branch", "Use", "branches_of"]


class Use(NamedTuple):
    """A rule at work: what one node brought to it in a backward pass."""

    rule: Primitive
    parents: tuple[Any, ...]
    inputs: list[Any]
    out: Any
    params: dict[str, Any]
    scalar: bool

    @classmethod
    def by(cls, node: Any) -> Use:
        """The use that a node makes of its rule."""
        inputs = [parent._data for parent in node.parents]
        return cls(node.rule, node.parents, inputs, node._data, node.params, isinstance(node, Value))


class Branch(NamedTuple):
    """One kind of use.

    Attributes:
        name: as the table of the run has it.
        belongs: whether a rule has the branch.
        taken: whether a use took it.
        of_values: whether a use by Values can take it, too.
    """

    name: str
    belongs: Callable[[Any], bool]
    taken: Callable[[Use], bool]
    of_values: bool = False


def branches_of(rule: Primitive, scalar: bool = False) -> list[Branch]:
    """The branches that a rule has; with `scalar` those that a use by Values can take.

    Example:
        >>> from autograd import primitive
        >>> ", ".join(branch.name for branch in branches_of(primitive("relu")))
        'array, scalar, float32, empty, non-contiguous, zero, negative'
    """
    return [branch for branch in BRANCHES if (branch.of_values or not scalar) and branch.belongs(rule)]


# ---- which rule has it --------------------------------------------------------------------------------------------


def _any(rule: Any) -> bool:
    return True


def _of(kind: type[Primitive] | tuple[type[Primitive], ...]) -> Callable[[Any], bool]:
    return lambda rule: isinstance(rule, kind)


def _named(*names: str) -> Callable[[Any], bool]:
    return lambda rule: rule.builtin and rule.name in names


def _has_several(rule: Any) -> bool:
    """Whether it takes more than one argument."""
    if isinstance(rule, Elementwise):
        return rule.arity > 1
    if isinstance(rule, Linear):
        return callable(rule.transposes) or len(rule.transposes) > 1
    return not isinstance(rule, Reduction) and _positional(rule.forward) > 1


def _positional(function: Any) -> int:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # some of NumPy's functions do not tell
        return 1
    return sum(each.default is each.empty and each.kind is not each.VAR_KEYWORD for each in parameters)


def _defined_at(x: float) -> Callable[[Any], bool]:
    """Whether an elementwise rule takes this number as one of its arguments, the others being 1."""

    def defined(rule: Any) -> bool:
        if not isinstance(rule, Elementwise):
            return False
        rows = [[np.array([x if place == k else 1.0]) for place in range(rule.arity)] for k in range(rule.arity)]
        with np.errstate(all="ignore"):
            try:
                return any(np.isfinite(rule.forward(*row)).all() for row in rows)
            except Exception:  # it needs parameters, and has its own word for that
                return False

    return defined


def _kinked(option: str) -> Callable[[Any], bool]:
    return lambda rule: rule.kink is not None and rule.kink.option == option


# ---- which use takes it -------------------------------------------------------------------------------------------


def _arrays(test: Callable[[Any], Any]) -> Callable[[Use], bool]:
    """Whether the test holds of one of the arrays that a rule was given."""
    return lambda use: not use.scalar and any(test(x) for x in use.inputs)


def _followed(test: Callable[[Any], Any]) -> Callable[[Use], bool]:
    """Whether the test holds of an element of an argument to which something is handed."""

    def holds(use: Use) -> bool:
        for parent, x in zip(use.parents, use.inputs, strict=True):
            if parent.requires_grad:
                found = test(x)
                if found is True or (found is not False and found.any()):  # of floats `np.any` takes ten times as long
                    return True
        return False

    return holds


def _has_constant(use: Use) -> bool:
    return not all(parent.requires_grad for parent in use.parents)


def _repeats_argument(use: Use) -> bool:
    first, *others = use.parents
    if len(others) == 1:
        return first is others[0]
    return len({parent.id for parent in use.parents}) < len(use.parents)


def _on_kink(use: Use) -> bool:
    kink = use.rule.kink
    if kink is None or not all(np.size(x) for x in use.inputs):
        return False
    several_scalars = use.scalar and isinstance(use.rule, Reduction)
    inputs = [np.array(use.inputs)] if several_scalars else use.inputs
    return bool(np.any(kink.at(*inputs, **use.params)))


def _axes(use: Use) -> tuple[int, ...] | None:
    """The axes of a reduction; None for all."""
    axis = use.params.get("axis")
    return (axis,) if isinstance(axis, int) else axis


def _reduced(test: Callable[[tuple[int, ...] | None], bool]) -> Callable[[Use], bool]:
    return lambda use: not use.scalar and test(_axes(use))


def _added(use: Use) -> bool:
    return bool(use.out.ndim > use.inputs[0].ndim)


def _stretched(use: Use) -> bool:
    before = use.inputs[0].shape
    after = use.out.shape[use.out.ndim - len(before) :]
    return any(old == 1 != new for old, new in zip(before, after, strict=True))


def _repeats_index(use: Use) -> bool:
    index = use.params["index"]
    if is_basic_index(index):
        return False
    shape = use.params.get("shape", use.inputs[0].shape)
    places = np.arange(int(np.prod(shape))).reshape(shape)[index]
    return bool(len(np.unique(places)) < np.size(places))


def _overlaps(use: Use) -> bool:
    return any(k > step for k, step in zip(use.params["kernel"], use.params["stride"], strict=True))


_index = _named("getitem", "scatter")
_windows = _named("windows", "overlap_add")
_matrices = (_of(Whole), _named("matmul"))

BRANCHES: tuple[Branch, ...] = (
    Branch("array", _any, lambda use: not use.scalar),
    Branch("scalar", lambda rule: getattr(rule, "scalar", None) is not None, lambda use: use.scalar, True),
    Branch("float32", _any, lambda use: not use.scalar and use.out.dtype.itemsize < 8),
    Branch("empty", _any, _arrays(lambda x: not x.size)),
    Branch("non-contiguous", _any, _arrays(lambda x: not x.flags.c_contiguous)),
    Branch("constant argument", _has_several, _has_constant, True),
    Branch("repeated argument", _has_several, _repeats_argument, True),
    Branch(
        "broadcast",
        lambda rule: isinstance(rule, Elementwise) and rule.arity > 1,
        lambda use: any(parent.rule is not None and parent.rule.name == "broadcast_to" for parent in use.parents),
    ),
    Branch("zero", _defined_at(0.0), _followed(lambda x: x == 0.0), True),
    Branch("negative", _defined_at(-0.5), _followed(lambda x: x < 0.0), True),
    Branch("tie", _kinked("ties"), _on_kink, True),
    Branch("bound", _kinked("clip"), _on_kink, True),
    Branch("both sides", _named("where"), lambda use: len(np.unique(use.params["condition"])) > 1),
    Branch("all axes", _of(Reduction), _reduced(lambda axes: axes is None)),
    Branch("one axis", _of(Reduction), _reduced(lambda axes: axes is not None and len(axes) == 1)),
    Branch("several axes", _of(Reduction), _reduced(lambda axes: axes is not None and len(axes) > 1)),
    Branch("keepdims", _of(Reduction), lambda use: bool(use.params.get("keepdims"))),
    Branch(
        "negative axis",
        lambda rule: isinstance(rule, Reduction) and not rule.builtin,
        _reduced(lambda axes: axes is not None and min(axes, default=0) < 0),
    ),
    Branch("added axis", _named("broadcast_to"), _added),
    Branch("stretched axis", _named("broadcast_to"), _stretched),
    Branch("slice", _index, lambda use: is_basic_index(use.params["index"])),
    Branch("index array", _index, lambda use: not is_basic_index(use.params["index"])),
    Branch("repeated index", _index, _repeats_index),
    Branch("overlapping", _windows, _overlaps),
    Branch("apart", _windows, lambda use: not _overlaps(use)),
    Branch("dilated", _windows, lambda use: max(use.params["dilation"]) > 1),
    Branch(
        "stack", lambda rule: any(test(rule) for test in _matrices), lambda use: any(np.ndim(x) > 2 for x in use.inputs)
    ),
)
