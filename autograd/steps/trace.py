"""`backward_trace`: a graph and its whole backward pass as JSON and CSV, for other programs."""

from __future__ import annotations

import csv
import io
import json
import math
import sys
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from autograd.progress import Progress
from autograd.steps.backward import backward_steps
from autograd.steps.forward import ForwardStep, forward_steps
from autograd.steps.step import BackwardStep, EdgeStep, HandmadeStep, HookStep, SeedStep
from autograd.variables import called_by

__all__ = ["Trace", "backward_trace"]

FORMAT, VERSION = "gradwalk-trace", 1
SCHEMA = Path(__file__).with_name("trace.schema.json")

_COLUMNS = (
    "number", "kind", "node", "parent", "argument", "operation", "formula",
    "upstream", "local", "contribution", "before", "after",
)  # fmt: skip

Row = dict[str, Any]


def backward_trace(
    root: Any, gradient: Any = None, *, elements: bool = False, names: Mapping[int, str] | None = None
) -> Trace:
    """Run a backward pass as `backward` does, and keep what happened at each edge.

    Args:
        root: a node that requires a gradient.
        gradient: the upstream gradient of the root, of its shape. A scalar root needs none: it is 1.
        elements: True goes element by element; see `backward_steps`.
        names: what nodes are called, by node id, beside their own names; by the caller's variables unless given.

    Raises:
        GraphError, ShapeError, MutationError: as `backward_steps`.

    Example:
        >>> from autograd import Value
        >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
        >>> trace = backward_trace(a * b)
        >>> read = json.loads(trace.json)
        >>> [(node["id"], node["name"], node["value"], node["gradient"]) for node in read["nodes"]]
        [('n0', 'a', 2.0, -3.0), ('n1', 'b', -3.0, 2.0), ('n2', 'v₁', -6.0, 1.0)]
        >>> print(trace.csv.splitlines()[2])
        2,edge,v₁,a,0,×,b,1.0,-3.0,-3.0,,-3.0
    """
    with Progress("backward_trace"):
        given = called_by(sys._getframe(1), root) if names is None else names
        steps = [_row(step) for step in backward_steps(root, gradient, elements=elements, names=given)]
        return Trace([_node(step) for step in forward_steps(root, names=given)], steps)


class Trace:
    """A graph and a backward pass through it, as it was.

    Attributes:
        nodes: the graph, oldest first; each node's kind, name, value and gradient after the pass.
        steps: what the pass did, in order. Numbers are floats, arrays NumPy arrays, and None is what there is not.
    """

    def __init__(self, nodes: Sequence[Row], steps: Sequence[Row]) -> None:
        self.nodes = tuple(nodes)
        self.steps = tuple(steps)

    @cached_property
    def json(self) -> str:
        """The JSON text, which `autograd/steps/trace.schema.json` describes: the same, to the byte, in every run.

        Nodes are called n0, n1, ... in order of creation. JSON has no number that is not finite, so these are the texts
        "NaN", "Infinity" and "-Infinity".
        """
        ids = {node["id"]: f"n{place}" for place, node in enumerate(self.nodes)}
        nodes = [{**node, "id": ids[node["id"]], "parents": [ids[id] for id in node["parents"]]} for node in self.nodes]
        steps = [{**step, **{key: ids[step[key]] for key in ("node", "parent") if key in step}} for step in self.steps]
        head = {"format": FORMAT, "version": VERSION, "root": nodes[-1]["id"]}
        lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
        lines += [_listed("nodes", nodes), _listed("steps", steps)]
        return "{\n" + ",\n".join(lines) + "\n}\n"

    @cached_property
    def csv(self) -> str:
        """The steps as CSV, a step a line; nodes by name, arrays as JSON."""
        names = {node["id"]: node["name"] for node in self.nodes}
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(_COLUMNS)
        for step in self.steps:
            named = {key: names[value] if key in ("node", "parent") else value for key, value in step.items()}
            writer.writerow([_cell(named.get(column)) for column in _COLUMNS])
        return text.getvalue()

    def save(self, path: str | Path) -> Path:
        """Write the trace to a file whose name ends in .json or .csv.

        Raises:
            ValueError: it ends otherwise.
        """
        path = Path(path)
        text = {".json": lambda: self.json, ".csv": lambda: self.csv}.get(path.suffix.lower())
        if text is None:
            raise ValueError(f"save: {path.name!r} ends in neither .json nor .csv; the ending chooses the format")
        path.write_text(text(), encoding="utf-8")
        return path

    def __repr__(self) -> str:
        return f"<Trace: {len(self.nodes):,} nodes, {len(self.steps):,} steps>"


def _node(step: ForwardStep) -> Row:
    node = step.node
    data = node.data
    return {
        "id": node.id,
        "name": step.name,
        "kind": step.kind,
        "operation": step.operation,
        "expression": step.expression,
        "parents": [parent.id for parent in node.parents],
        "scope": step.scope,
        "source": step.source.place if step.source else "",
        "shape": list(np.shape(data)),
        "dtype": str(getattr(data, "dtype", "float64")),
        "value": _kept(data),
        "gradient": _kept(node.grad) if node.requires_grad and node.has_grad else None,
    }


def _row(step: BackwardStep) -> Row:
    row: Row = {"number": step.number, "node": step.node.id}
    if isinstance(step, SeedStep):
        return row | {"kind": "seed", "contribution": _kept(step.gradient), **_held(step)}
    if isinstance(step, HookStep):
        given = {"upstream": _kept(step.gradient), "contribution": _kept(step.replaced)}
        return row | {"kind": "hook", **given, **_held(step)}
    if isinstance(step, HandmadeStep):
        sums = {"before": np.array(step.before), "after": np.array(step.after)}
        return row | {"kind": "by hand", "operation": step.operation, "upstream": step.upstream, **sums}
    assert isinstance(step, EdgeStep)
    places = {"at": list(step.at), "into": list(step.into)} if step.at is not None and step.into is not None else {}
    return row | {
        "kind": "edge",
        "parent": step.parent.id,
        "argument": step.argument,
        "operation": step.operation,
        "formula": step.formula,
        "upstream": _kept(step.upstream),
        "local": _kept(step.local),
        "contribution": _kept(step.contribution),
        **_held(step),
        "complete": step.complete,
        **places,
    }


def _held(step: SeedStep | HookStep | EdgeStep) -> Row:
    return {"before": _kept(step.before), "after": _kept(step.after)}


def _kept(quantity: Any) -> Any:
    """A number as a float; of an array a copy, since a pass goes on to write to its own."""
    if quantity is None:
        return None
    return np.array(quantity) if np.ndim(quantity) else float(quantity)


def _listed(key: str, rows: Sequence[Row]) -> str:
    lines = ",\n".join(json.dumps(_plain(row), ensure_ascii=False) for row in rows)
    return f"{json.dumps(key)}: [\n{lines}\n]"


def _plain(value: Any) -> Any:
    """What JSON can hold."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def _cell(value: Any) -> Any:
    return json.dumps(_plain(value)) if isinstance(value, np.ndarray) else value
