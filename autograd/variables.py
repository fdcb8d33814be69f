"""What the user calls each node: the names of the variables, list elements, attributes and parameters that hold it."""

from __future__ import annotations

import re
import types
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any

import numpy as np

from autograd.node import Node, graph_nodes

_VISITS = 50_000  # objects looked into in the search: a notebook may hold millions
_ELEMENTS = 100_000  # elements of one container looked at
_DEPTH = 6  # `model.layers[0].neurons[2].w[1]` is five steps from its variable
_INTERACTIVE = frozenset({"In", "Out", "exit", "quit"})  # what IPython puts among the user's variables
_CODE = (type, types.ModuleType, types.FunctionType, types.MethodType, types.BuiltinFunctionType)
_NUMBERS = (float, int)
_OPAQUE = (*_CODE, str, bytes, *_NUMBERS)


def caller_variables(frame: types.FrameType) -> dict[str, Any]:
    """The variables that a frame sees, its own before its module's, without private and interactive ones."""
    variables = dict(frame.f_locals)
    for name, value in list(frame.f_globals.items()):
        variables.setdefault(name, value)
    return {
        name: value
        for name, value in variables.items()
        if name.isidentifier() and not name.startswith("_") and name not in _INTERACTIVE  # pytest's are no identifiers
    }


def called_by(frame: types.FrameType, root: Any) -> dict[int, str]:
    """What the variables of a frame call the nodes of a graph that have no name of their own, by node id.

    A name that a node of the graph has of its own is given to no other.
    """
    if not isinstance(root, Node):
        return {}
    nodes = graph_nodes(root)
    own = {node.name for node in nodes if node.name}
    found = names_of((node for node in nodes if not node.name), caller_variables(frame))
    return {id: name for id, name in found.items() if name not in own}


def names_of(nodes: Iterable[Node], variables: Mapping[str, Any]) -> dict[int, str]:
    """A name for each node that a variable leads to, by node id.

    A module's parameters come first, then plain variables, then elements and attributes, the nearest first: a node that
    is both `w` and `params[0]` is called `w`.

    Example:
        >>> from autograd import Value
        >>> a, w = Value(1.0), [Value(2.0), Value(3.0)]
        >>> names_of([a, *w], {"a": a, "w": w}) == {a.id: "a", w[0].id: "w[0]", w[1].id: "w[1]"}
        True
    """
    wanted = {node.id for node in nodes}
    names: dict[int, str] = {}
    for path, node in chain(_parameters(variables), _reachable(variables)):
        if node.id in wanted:
            names.setdefault(node.id, path)
            if len(names) == len(wanted):
                break
    return names


def _parameters(variables: Mapping[str, Any]) -> Iterator[tuple[str, Node]]:
    """The parameters of the modules among the variables, as `model.conv1.weight` and `model.layers[0].bias`."""
    for variable, value in variables.items():
        if not hasattr(type(value), "named_parameters"):
            continue
        try:
            named = list(islice(value.named_parameters(), _VISITS))
            found = [(as_indices(f"{variable}.{name}"), node) for name, node in named if isinstance(node, Node)]
        except Exception:  # not a module after all: its attributes are looked through like any object's
            continue
        yield from found


def as_indices(path: str) -> str:
    """A path with its numbers as indices: `layers.0.weight` is `layers[0].weight`."""
    return re.sub(r"\.(\d+)(?=\.|$)", r"[\1]", path)


def _reachable(variables: Mapping[str, Any]) -> Iterator[tuple[str, Node]]:
    """Nodes among the variables and inside their lists, dicts, object arrays and attributes, breadth first."""
    queue = deque((name, value, 0) for name, value in variables.items())
    seen: set[int] = set()
    visits = 0
    while queue and visits < _VISITS:
        path, value, depth = queue.popleft()
        visits += 1
        if issubclass(type(value), Node):
            yield path, value
        elif depth < _DEPTH and id(value) not in seen:
            seen.add(id(value))
            for step, inner in _inside(value, _VISITS - len(queue)):
                queue.append((path + step, inner, depth + 1))


def _inside(value: Any, limit: int) -> list[tuple[str, Any]]:
    """What an object holds, each with the step that leads to it; nothing where looking fails."""
    try:
        steps = islice(_steps(value), _ELEMENTS)
        return list(islice(((step, inner) for step, inner in steps if type(inner) not in _NUMBERS), max(limit, 0)))
    except Exception:  # a user's container may raise anything; its elements then go without a name
        return []


def _steps(value: Any) -> Iterator[tuple[str, Any]]:
    kind = type(value)  # not isinstance, which runs the code of a proxy
    if issubclass(kind, _OPAQUE) or kind.__module__.startswith(("autograd.", "viz.")):  # what it holds has no name
        return
    if issubclass(kind, list | tuple):
        fields = getattr(kind, "_fields", ())
        for place, inner in enumerate(tuple(value)):
            yield (f".{fields[place]}" if place < len(fields) else f"[{place}]"), inner
    elif issubclass(kind, dict):
        for key, inner in list(value.items()):
            if isinstance(key, str | int | tuple):
                yield f"[{key!r}]", inner
    elif issubclass(kind, np.ndarray):
        if value.dtype == object:
            for index in np.ndindex(value.shape):
                yield f"[{','.join(map(str, index))}]", value[index]
    else:
        try:
            attributes = object.__getattribute__(value, "__dict__")  # the object's own code is not run
        except AttributeError:
            return
        for name, inner in list(attributes.items()):
            if isinstance(name, str) and not name.startswith("_"):
                yield f".{name}", inner
