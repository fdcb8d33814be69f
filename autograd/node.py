"""The graph: what a node is. Read this page first, then `backward_pass`.

A node is a number (`Value`) or an array (`Tensor`) that remembers how it was made: the primitive (`rule`), its
arguments (`parents`) and the result (`data`). The arguments always exist before the result, so creation order is a
topological order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar

from autograd import recording
from autograd.backward_pass import backward, graph_nodes, topological_order
from autograd.mutation import change_now
from autograd.recording import Detached, Notes, Scope, Source, modes, next_serial

if TYPE_CHECKING:
    from autograd.rule import Primitive

__all__ = ["NO_PARAMS", "Node", "backward", "graph_nodes", "is_recording", "new_node", "topological_order"]

NodeT = TypeVar("NodeT", bound="Node")

NO_PARAMS: dict[str, Any] = {}


class Node:
    """What `Value` and `Tensor` have in common: the protocol that walking, drawing and checking are written against.

    Attributes:
        grad: d(root)/d(this node). A leaf adds up what every backward pass brings, until `zero_grad`; an interior
            node holds that of the last pass.
        rule: the primitive that made the node; None for a leaf.
        params: the primitive's keyword parameters.
        requires_grad: whether a backward pass comes here.
    """

    # One or two parents have slots of their own. A tuple would be a second object for each node, for the garbage
    # collector to follow too: without it a step of 65,000 scalars takes 0.72 of the time, a node 155 bytes, not 199.
    __slots__ = ("_data", "_first", "_id", "_notes", "_second", "grad", "requires_grad", "rule")

    UNCOMPUTED: ClassVar[Any] = None  # what `grad` holds before a pass has reached the node

    _data: Any
    _id: int
    _notes: Notes | None
    grad: Any
    params: dict[str, Any]  # a slot of Tensor; Value has them among its notes
    _first: Any  # the first parent; None for a leaf; the tuple of all of them where there are more than two
    _second: Any  # the second of two parents, else None
    requires_grad: bool
    rule: Primitive | None

    # ---- what a node says of itself -------------------------------------------------------------------------------

    @property
    def parents(self) -> tuple[Any, ...]:
        """The primitive's arguments, in order, duplicates kept."""
        first, second = self._first, self._second
        if second is not None:
            return first, second
        if first is None:
            return ()
        return first if first.__class__ is tuple else (first,)

    @parents.setter
    def parents(self, parents: tuple[Any, ...]) -> None:
        count = len(parents)
        self._first = parents if count > 2 else parents[0] if count else None
        self._second = parents[1] if count == 2 else None

    @property
    def op(self) -> str:
        """The symbol of the primitive that made the node; empty for a leaf."""
        return "" if self.rule is None else self.rule.symbol

    @property
    def id(self) -> int:
        """The node's place in creation order."""
        return self._id

    @property
    def is_leaf(self) -> bool:
        """True for a node that no recorded operation made."""
        return self.rule is None

    @property
    def has_grad(self) -> bool:
        """False until a backward pass has computed this node's gradient."""
        return self.grad is not self.UNCOMPUTED

    @property
    def name(self) -> str:
        """The node's name in pictures, tables and messages; empty until given."""
        return "" if self._notes is None else self._notes.name

    @name.setter
    def name(self, name: str) -> None:
        self._own_notes().name = name

    @property
    def innermost_scope(self) -> Scope | None:
        """The innermost scope the node was made in; None outside of all."""
        return None if self._notes is None else self._notes.scope

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The scopes the node was made in, the outermost first."""
        return () if self._notes is None or self._notes.scope is None else self._notes.scope.chain

    @property
    def scope(self) -> str:
        """The path of those scopes, such as ``"cnn/conv1/conv2d"``."""
        return "" if self._notes is None or self._notes.scope is None else self._notes.scope.path

    @property
    def source(self) -> Source | None:
        """The user's line that made the node, where `record_source` was on."""
        return None if self._notes is None else self._notes.source

    @property
    def detached_from(self) -> Detached | None:
        """The node whose data a constant took over by `detach`, so that no gradient comes to that node from here."""
        return None if self._notes is None else self._notes.detached

    def describe(self) -> str:
        """The node as messages call it: its name, or its operation and place in creation order."""
        return repr(self.name) if self.name else f"{self.op or 'leaf'} (node {self._id})"

    def _note_origin(self: NodeT, origin: Node) -> NodeT:
        self._own_notes().detached = Detached(origin._id, origin.name or origin.op)
        return self

    def _own_notes(self) -> Notes:
        notes = self._notes
        if notes is None:
            notes = self._notes = Notes()
        elif notes.scope is not None and notes is notes.scope.notes:
            notes = self._notes = notes.copy()
        return notes

    # ---- gradients ------------------------------------------------------------------------------------------------

    def backward(self, gradient: Any = None, *, keep: Literal["all", "leaves"] = "all") -> None:
        """Compute d(self)/d(node) for every node that self was made from; see `autograd.backward`."""
        backward(self, gradient, keep=keep)

    def zero_grad(self) -> None:
        """Forget the gradient, so that the next pass starts to add from nothing."""
        self.grad = self.UNCOMPUTED

    def register_hook(self, hook: Callable[[Any], Any]) -> Callable[[], None]:
        """Call `hook(gradient)` in each pass when this node's gradient of the pass is complete.

        What the hook returns, unless None, takes the gradient's place. Returns a function that removes the hook.
        """
        notes = self._own_notes()
        entry = (hook,)  # one for each registration, so that removing takes away this one alone
        notes.hooks += (entry,)

        def remove() -> None:
            notes.hooks = tuple(other for other in notes.hooks if other is not entry)

        return remove

    def _run_hooks(self) -> None:
        if self._notes is not None:
            for (hook,) in self._notes.hooks:
                replaced = hook(self.grad)
                if replaced is not None:
                    self.grad = self._as_gradient(replaced)

    def _note_change(self) -> None:
        self._own_notes().changed = change_now()

    # ---- what each kind of node supplies --------------------------------------------------------------------------

    @property
    def data(self) -> Any:
        """The node's number or array."""
        raise NotImplementedError

    def detach(self: NodeT) -> NodeT:
        """A constant with the same data."""
        raise NotImplementedError

    @classmethod
    def _record(cls, rule: Primitive, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """Apply a primitive to arguments of which at least one is a node of this class."""
        raise NotImplementedError

    def _seed(self, gradient: Any) -> Any:
        """The gradient that a pass starts from: the given one, or 1 for a scalar root."""
        raise NotImplementedError

    def _as_gradient(self, gradient: Any) -> Any:
        """A gradient in this node's own form, dtype and shape."""
        raise NotImplementedError

    def _accumulate(self, contribution: Any) -> None:
        """Add one contribution to the gradient."""
        raise NotImplementedError

    def _pull(self) -> None:
        """Hand upstream gradient x local derivative to each parent."""
        raise NotImplementedError

    def _contributions(self, gradient: Any) -> list[Any]:
        """Upstream gradient -> what each parent receives, as numbers or arrays; None where nothing is needed."""
        raise NotImplementedError

    def _tangent(self, tangents: list[Any]) -> Any:
        """The parents' tangents, None for zero -> this node's, as a number or array."""
        raise NotImplementedError

    @classmethod
    def _note_changes(cls, order: list[Any]) -> None:
        """Look for data that was changed in place, which no setter saw."""

    def _begin_pass(self) -> tuple[list[Any], list[Any]]:
        """The results that a pass from here walks, the root first, their gradients forgotten; and leaves with hooks.

        Raises:
            MutationError: data was changed after the forward pass used it.
        """
        raise NotImplementedError

    @classmethod
    def _walk(cls, order: list[Any], keep: str) -> None:
        """Let each result of an order hand its gradient on to its parents, in the arithmetic of this kind of node."""
        raise NotImplementedError

    @staticmethod
    def _may_take_long(order: list[Any]) -> bool:
        """Whether a pass of this order says what it does; a short one would feel the 8 µs of getting ready to."""
        raise NotImplementedError

    # ---- copies, without recursion --------------------------------------------------------------------------------

    def __reduce__(self) -> Any:
        from autograd.copying import reduce_node

        return reduce_node(self)

    def __deepcopy__(self: NodeT, memo: dict[int, Any]) -> NodeT:
        from autograd.copying import copy_graph

        return copy_graph(self, memo)

    def __copy__(self: NodeT) -> NodeT:
        from autograd.copying import copy_node

        return copy_node(self, {id(parent): parent for parent in self.parents})


def new_node(
    kind: type[NodeT], data: Any, rule: Primitive | None, parents: Iterable[Any], params: dict[str, Any], requires: bool
) -> NodeT:
    """A node of the given kind, with what the recording contexts note on it."""
    node = object.__new__(kind)
    node._data = data
    node.grad = kind.UNCOMPUTED
    node.rule = rule
    node.parents = tuple(parents)
    node.requires_grad = requires
    node._id = next_serial()
    node._notes = recording.current_notes() if recording.special else None
    node.params = params
    return node


def is_recording() -> bool:
    """False inside `no_grad`."""
    return modes.recording
