"""What is checked: a function of arrays with a forward and a backward, whatever it is written in."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeVar

import numpy as np

from autograd.node import Node, topological_order
from autograd.passes import push_forward
from autograd.tensor import Tensor, constant
from autograd.testing.findings import FAULT
from autograd.testing.structure import Leaf, Structure, numbers_of, outputs_of
from autograd.value import Value

Array = Any
SubjectT = TypeVar("SubjectT", bound="Subject")


class Linearised:
    """A function at one point, ready for backward passes.

    Attributes:
        outputs: the arrays that it returned.
        pull: upstream gradients, one for each output -> a gradient for each leaf; None for one that got none.
        push: tangents, one for each leaf -> a tangent for each output; None where there is no forward mode.
        roots: the nodes that hold the outputs, where a graph was recorded.
        variables: the nodes that hold the leaves.
    """

    def __init__(
        self,
        outputs: list[Array],
        pull: Callable[[list[Array]], list[Array | None]],
        push: Callable[[list[Array]], list[Array]] | None = None,
        roots: Sequence[Any] = (),
        variables: Sequence[Any] = (),
    ) -> None:
        self.outputs = outputs
        self.pull = pull
        self.push = push
        self.roots = roots
        self.variables = variables


class Subject:
    """A function under test at one point, as a function of the flat vector of all of its numbers.

    Attributes:
        name: what reports call it.
        leaves: what it is differentiated with respect to, as given.
        arrays: their numbers.
        integers: integer arrays among its arguments; `fixed` are their numbers.
        dtype: the dtype in which `value` computes; None where each leaf keeps its own.
        parts: where each leaf's numbers lie in the flat vector.
        alias_level: what it means that a gradient lies in its upstream's memory.
        shares_level: what it means that two gradients, or a gradient and an input, lie in the same memory.
        broadcasts: whether the backward pass answers for every shape that the forward pass takes.
        has_graph: whether the function records a graph, whose operations can be checked one by one.
    """

    name: str
    leaves: list[Leaf]
    integers: list[Leaf]
    dtype: Any
    alias_level: Literal["fault", "undecided", "remark"] = FAULT
    shares_level: Literal["fault", "undecided", "remark"] = FAULT
    broadcasts = True
    has_graph = False

    def place_leaves(self, leaves: list[Leaf], integers: list[Leaf]) -> None:
        """Set the point at which the function is looked at."""
        self.leaves, self.integers = leaves, integers
        self.arrays = [leaf.data for leaf in leaves]
        self.fixed = [leaf.data for leaf in integers]
        self._shapes = [array.shape for array in self.arrays]
        ends = np.cumsum([array.size for array in self.arrays]).tolist()
        self.parts = [slice(start, end) for start, end in zip([0, *ends], ends, strict=False)]
        self.dtype = np.dtype(np.float64)
        self.size: int = ends[-1]
        self.known_sizes: dict[bool, Array] = {}  # see `directions.sizes`

    def at(self: SubjectT, arrays: Sequence[Array], integers: Sequence[Array] | None = None) -> SubjectT:
        """The same function at another point, which may have other shapes and dtypes."""
        other = copy.copy(self)
        fixed = self.integers
        if integers is not None:
            fixed = [leaf._replace(data=data) for leaf, data in zip(self.integers, integers, strict=True)]
        other.place_leaves([leaf._replace(data=data) for leaf, data in zip(self.leaves, arrays, strict=True)], fixed)
        return other

    @property
    def flat(self) -> Array:
        """Every number of the leaves in one vector of float64."""
        return np.concatenate([np.asarray(array, dtype=np.float64).ravel() for array in self.arrays])

    def parted(self, flat: Array) -> list[Array]:
        """A vector of all numbers as arrays of the leaves' shapes."""
        if len(self.parts) == 1:
            return [flat.reshape(self._shapes[0])]
        return [flat[part].reshape(shape) for part, shape in zip(self.parts, self._shapes, strict=True)]

    def value(self, flat: Array) -> Array:
        """Every number of the outputs as one vector of float64."""
        arrays = self.parted(flat)
        if self.dtype is None:
            arrays = [array.astype(own.dtype) for array, own in zip(arrays, self.arrays, strict=True)]
        return self._flat(self.forward(arrays))

    @staticmethod
    def _flat(outputs: list[Any]) -> Array:
        if len(outputs) == 1:
            return np.array(outputs[0], dtype=np.float64).reshape(-1)
        return np.concatenate([np.asarray(each, dtype=np.float64).ravel() for each in outputs])

    def gradient(self, linearised: Linearised, upstream: Array) -> Array:
        """The pulled-back vector of one upstream vector, in float64; zeros where nothing came."""
        gradients = linearised.pull(self.split_outputs(linearised, upstream))
        parts = [
            np.zeros(own.size) if each is None else np.asarray(each, dtype=np.float64).ravel()
            for own, each in zip(self.arrays, gradients, strict=True)
        ]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    @staticmethod
    def split_outputs(linearised: Linearised, vector: Array) -> list[Array]:
        """A vector of all outputs' numbers as arrays of their shapes and dtypes."""
        arrays, start = [], 0
        for out in linearised.outputs:
            arrays.append(vector[start : start + out.size].reshape(out.shape).astype(out.dtype))
            start += out.size
        return arrays

    def element_label(self, element: int) -> str:
        """What an element of the flat vector is called: ``w[1, 2]``."""
        for leaf, part in zip(self.leaves, self.parts, strict=True):
            if element < part.stop:
                if not leaf.data.ndim:
                    return leaf.label
                place = np.unravel_index(element - part.start, leaf.data.shape)
                return f"{leaf.label}[{', '.join(map(str, place))}]"
        raise IndexError(f"{self.name} has {self.size} numbers to differentiate, not {element + 1}")

    def examined(self, upstream: Array | None) -> Any:
        """The recorded graph, operation by operation: a `place.Examined`; None where there is none.

        Args:
            upstream: the vector for which its gradient is wrong.
        """
        return None

    def extended(self, flat: Array) -> Array:
        """`value` in numbers of more digits than float64.

        Raises:
            NotImplementedError: there are none, or the function does not take them.
        """
        raise NotImplementedError(f"{self.name} computes in float64")

    # ---- what each kind of function supplies ----------------------------------------------------------------------

    def forward(self, arrays: list[Array]) -> list[Array]:
        """The outputs at these leaves, without any preparation for a backward pass."""
        raise NotImplementedError

    def linearise(self, arrays: list[Array]) -> Linearised:
        """The outputs at these leaves, and the way back."""
        raise NotImplementedError

    def call_text(self) -> str:
        """How a check at this point is written; ``{}`` stands for the leaves, separated by commas."""
        return f"check_grad({self.name if self.name.isidentifier() else 'f'}, {{}})"


class GraphSubject(Subject):
    """A function of Values, Tensors or arrays, recorded by autograd."""

    def __init__(self, function: Callable[..., Any], args: Sequence[Any], wrt: Any = None) -> None:
        self.function = function
        self.name = str(getattr(function, "__name__", "") or getattr(function, "name", type(function).__name__))
        self.structure = Structure(function, args, wrt)
        self.place_leaves(self.structure.leaves, self.structure.integers)

    has_graph = True

    def examined(self, upstream: Array | None) -> Any:
        return examined_graph(self, upstream)

    def call(self, nodes: Sequence[Any]) -> list[Any]:
        """The function's outputs for nodes in the leaves' places.

        Raises:
            TypeError: the function returned nothing that has a derivative.
        """
        result = self.function(*self.structure.filled(nodes, self.fixed))
        outputs = [result] if result.__class__ is Tensor else outputs_of(result)
        if not outputs:
            raise TypeError(
                f"check_grad: {self.name} returned no node and no float array; return what is to be differentiated"
            )
        return outputs

    def variables(self, arrays: list[Array]) -> list[Any]:
        """Fresh leaves of the graph that hold these arrays."""
        return [
            Value(float(data), label=leaf.label) if leaf.kind == "value" else Tensor(data, True, leaf.label)
            for leaf, data in zip(self.leaves, arrays, strict=True)
        ]

    def forward(self, arrays: list[Array]) -> list[Array]:
        nodes: list[Any] = [
            Value(float(data), requires_grad=False) if leaf.kind == "value" else constant(data)
            for leaf, data in zip(self.leaves, arrays, strict=True)
        ]
        return numbers_of(self.call(nodes))

    def linearise(self, arrays: list[Array]) -> Linearised:
        variables = self.variables(arrays)
        roots = self.call(variables)
        tracked = [root for root in roots if isinstance(root, Node) and root.requires_grad]
        tracked_places = [place for place, root in enumerate(roots) if isinstance(root, Node) and root.requires_grad]

        backwards = Backwards(tracked, variables)

        def pull(upstream: list[Array]) -> list[Array | None]:
            return backwards([upstream[place] for place in tracked_places])

        def push(tangents: list[Array]) -> list[Array]:
            given = [float(t) if isinstance(v, Value) else t for t, v in zip(tangents, variables, strict=True)]
            pushed = {
                place: push_forward(root, variables, given) for place, root in zip(tracked_places, tracked, strict=True)
            }
            outputs = numbers_of(roots)
            return numbers_of(pushed.get(place, np.zeros(out.shape)) for place, out in enumerate(outputs))

        return Linearised(numbers_of(roots), pull, push, roots, variables)


class Backwards:
    """Backward passes from several roots to some leaves. Others, as a model's parameters, keep what they had."""

    def __init__(self, roots: Sequence[Any], variables: Sequence[Any]) -> None:
        self._roots = roots
        self._variables = variables
        own = {variable.id for variable in variables}
        found = {node.id: node for root in roots for node in topological_order(root) if node.is_leaf}
        self._others = [leaf for id, leaf in found.items() if id not in own]

    def __call__(self, upstream: Sequence[Array]) -> list[Array | None]:
        """The variables' gradients; None where none came."""
        held = [leaf.grad for leaf in self._others]
        for leaf in (*self._variables, *self._others):
            leaf.zero_grad()
        try:
            for root, gradient in zip(self._roots, upstream, strict=True):
                root.backward(gradient)
        finally:
            for leaf, gradient in zip(self._others, held, strict=True):
                leaf.grad = gradient
        return [variable.grad if variable.has_grad else None for variable in self._variables]


def examined_graph(subject: Subject, upstream: Array | None) -> Any:
    """The graph that a subject records, operation by operation."""
    from autograd.testing.place import examine  # which is built on this page

    moved = [(array * (1.0 + 1e-5) + 1e-5 * (array == 0)).astype(array.dtype) for array in subject.arrays]
    given = None
    if upstream is not None:
        given = subject.split_outputs(subject.linearise(subject.arrays), upstream)
    return examine(lambda: subject.linearise(subject.arrays), lambda: subject.linearise(moved), given)
