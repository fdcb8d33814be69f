"""What surrounds the recording of a node: no_grad, enable_grad, detach, scopes, composed functions, the source line."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import GraphError, Scope, Tensor, Value, composed, enable_grad, no_grad, record_source, scope
from autograd import functions as F
from tests.autograd.support import leaf

KINDS = pytest.mark.parametrize("kind", [Value, leaf], ids=["Value", "Tensor"])


# ---- whether anything is recorded ---------------------------------------------------------------------------------


@KINDS
def test_no_grad_records_nothing(kind: Any) -> None:
    x = kind(2.0)
    with no_grad():
        y = x * x
        with enable_grad():
            z = x * x
        again = x * x
    assert (y.requires_grad, y.parents, y.rule) == (False, (), None)
    assert (z.requires_grad, z.parents) == (True, (x, x))
    assert not again.requires_grad
    assert (x * x).requires_grad
    with pytest.raises(GraphError):
        y.backward()
    (z + y).backward()
    assert float(x.grad) == 4.0


@KINDS
def test_no_grad_ends_with_an_exception_and_is_a_decorator(kind: Any) -> None:
    x = kind(2.0)
    with pytest.raises(KeyError), no_grad():
        raise KeyError

    @no_grad()
    def square(node: Any) -> Any:
        return node * node

    assert not square(x).requires_grad
    assert not square(x).requires_grad
    assert (x * x).requires_grad


@KINDS
def test_detach_is_a_constant_with_its_own_data(kind: Any) -> None:
    x = kind(3.0)
    y = x * x
    d = y.detach()
    assert (float(d.data), d.requires_grad, d.is_leaf) == (9.0, False, True)
    (d * x).backward()
    assert float(x.grad) == 9.0


def test_detached_array_is_a_copy() -> None:
    x = leaf([1.0, 2.0])
    d = x.detach()
    assert not np.shares_memory(d.data, x.data)
    copied = x.numpy()
    copied[0] = 7.0
    assert x.data.tolist() == [1.0, 2.0]


@KINDS
def test_a_leaf_can_be_frozen_and_thawed(kind: Any) -> None:
    x, w = kind(2.0), kind(5.0)
    product = x * w
    w.requires_grad = False
    product.backward()
    assert float(x.grad) == 5.0
    assert not w.has_grad
    assert (x * w).parents[1] is w
    w.requires_grad = True
    (x * w).backward()
    assert float(w.grad) == 2.0


def test_constant_of_a_function_of_constants_can_become_a_variable() -> None:
    x = Tensor([1.0, 2.0]) * 3.0
    assert x.requires_grad_() is x
    (x * x).sum().backward()
    assert x.grad.tolist() == [6.0, 12.0]


@KINDS
def test_constant_inputs_record_nothing(kind: Any) -> None:
    x = kind(2.0).detach()
    y = ag.exp(x) * 2.0 + x
    assert (y.requires_grad, y.parents) == (False, ())


def test_closed_contexts_cost_nothing() -> None:
    """Each context that was opened is closed again, so that a new node skips every look-up."""
    before = ag.recording.special
    with no_grad(), enable_grad(), scope("a"), ag.kinks(relu=1.0), record_source():
        assert ag.recording.special == before + 5
        F.std(leaf([1.0, 2.0]))
    with pytest.raises(ag.ShapeError), scope("a"):
        F.std(leaf([1.0, 2.0]), axis=3)
    assert ag.recording.special == before


def test_modes_belong_to_a_thread() -> None:
    """no_grad, scopes and kinks of one thread are unknown to another."""
    x = Value(0.0)
    seen: list[tuple[bool, str, float]] = []

    def work() -> None:
        y = x.relu()
        y.backward()
        seen.append((y.requires_grad, y.scope, x.grad))

    with no_grad(), scope("outside"), ag.kinks(relu=1.0):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert seen == [(True, "", 0.0)]


# ---- scopes -------------------------------------------------------------------------------------------------------


@KINDS
def test_scopes_nest(kind: Any) -> None:
    x = kind(2.0)
    with scope("outer") as outer:
        y = x * x
        with scope("inner") as inner:
            z = y * y
        w = z * z
    v = w * w
    assert [node.scope for node in (x, y, z, w, v)] == ["", "outer", "outer/inner", "outer", ""]
    assert y.scopes == w.scopes == (outer,)
    assert z.scopes == (outer, inner)
    assert (outer.name, inner.path, inner.parent) == ("outer", "outer/inner", outer)
    assert repr(inner) == "Scope('outer/inner')"


@KINDS
def test_each_call_of_a_composed_function_is_a_scope_of_its_own(kind: Any) -> None:
    @composed
    def double(node: Any) -> Any:
        """Twice the node."""
        return node + node

    first, second = double(kind(1.0)), double(kind(1.0))
    assert first.scope == second.scope == "double"
    assert first.scopes[0] is not second.scopes[0]
    assert isinstance(first.scopes[0], Scope)
    assert (double.__name__, double.__doc__) == ("double", "Twice the node.")


def test_composed_functions_of_ours_nest_their_scopes() -> None:
    x = leaf([1.0, 4.0, 5.0])
    with scope("layer"):
        out = F.std(x)
    paths = {node.scope for node in ag.graph_nodes(out)}
    assert {"layer/std", "layer/std/var", "layer/std/var/mean"} <= paths
    assert out.scopes[0].name == "layer"


def test_scope_ends_with_an_exception() -> None:
    @composed
    def fail() -> None:
        raise KeyError

    with pytest.raises(KeyError):
        fail()
    with pytest.raises(KeyError), scope("a"):
        raise KeyError
    assert (Value(1.0) * 2.0).scope == ""


@pytest.mark.parametrize("name", ["", "a/b", "/"])
def test_scope_needs_a_name(name: str) -> None:
    with pytest.raises(ValueError, match="scope"), scope(name):
        pass


def test_naming_one_node_of_a_scope_names_no_other() -> None:
    with scope("s"):
        x = Value(1.0)
        y, z = x * 2.0, x * 3.0
        y.name = "y"
        z.register_hook(lambda gradient: None)
    assert [node.name for node in (x, y, z)] == ["", "y", ""]
    assert (y.scope, z.scope) == ("s", "s")


# ---- the source line ----------------------------------------------------------------------------------------------


@KINDS
def test_source_is_the_users_line(kind: Any) -> None:
    x = kind(2.0)
    assert x.source is None
    with record_source():
        y = x * x  # the line
        z = ag.exp(y)
    w = x * x
    assert y.source.text == "y = x * x  # the line"
    assert y.source.file == __file__
    assert z.source.line == y.source.line + 1
    assert w.source is None


def test_source_of_what_is_composed_inside_the_engine_is_still_the_users_line() -> None:
    x = leaf([1.0, 4.0])
    with record_source():
        out = F.std(x)
    inside = [node for node in ag.graph_nodes(out) if node is not x]
    assert {node.source.text for node in inside} == {"out = F.std(x)"}


# ---- what a node says of itself -----------------------------------------------------------------------------------


@KINDS
def test_protocol_of_a_node(kind: Any) -> None:
    x = kind(2.0)
    y = ag.clip(x, -1.0, 5.0)
    y.name = "y"
    assert (x.rule, x.op, x.parents, x.params, x.is_leaf, x.requires_grad) == (None, "", (), {}, True, True)
    assert (y.rule.name, y.parents, y.is_leaf, y.requires_grad) == ("clip", (x,), False, True)
    assert (y.params["lower"], y.params["upper"]) == (-1.0, 5.0)
    assert y.id > x.id
    assert "y" in y.describe()
    assert str(x.id) in x.describe()
    assert "y" in repr(y)


def test_a_line_of_a_notebook_s_cell_goes_by_the_cell_s_number() -> None:
    pytest.importorskip("IPython", reason="it numbers the cells: pip install gradwalk[notebooks]")
    program = (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        "shell.run_cell('import autograd', store_history=True)\n"
        "cell = 'with autograd.record_source():\\n    y = autograd.Value(2.0) * 3.0'\n"
        "shell.run_cell(cell, store_history=True)\n"
        "print(shell.user_ns['y'].source.place)\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout.strip() == "In[2]:2"


def test_a_line_of_a_file_goes_by_the_file() -> None:
    with record_source():
        y = Value(2.0) * 3.0
    assert y.source is not None
    assert y.source.place == f"{__file__}:{y.source.line}"
