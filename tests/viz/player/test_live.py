"""Live films: other numbers for the leaves give the film of the graph that has them, and the graph stays as it is."""

import json
import sys
from collections.abc import Callable, Iterator

import pytest

import viz.player.live as live
from autograd import GraphError, Tensor, Value, record_source, scope
from autograd.node import Node, graph_nodes
from viz import play
from viz.player.block import film_data, table_rows

Make = Callable[..., Node]


@pytest.fixture(autouse=True)
def anywidget() -> None:
    pytest.importorskip("anywidget", reason="live films are shown by anywidget: pip install gradwalk[live]")


def make(a: float = 2.0, b: float = -3.0) -> Value:
    x, y = Value(a, label="a"), Value(b, label="b")
    with scope("block"):
        d = x * y + x
    result: Value = (d.tanh() / 2.0).exp().relu() ** 2.0
    return result


def test_other_numbers_give_the_film_of_the_graph_that_has_them() -> None:
    root = make()
    widget = play(root, names={}).live()
    assert (widget.inputs, widget.values) == (["a", "b"], [2.0, -3.0])
    for values in ([0.25, -1.5], [-2.0, 0.0], [2.0, -3.0]):
        widget.values = values
        fresh = play(make(*values), names={})
        assert widget.problem == ""
        assert [tuple(row[1:]) for row in widget.film["rows"]] == table_rows(fresh.film)
        same = film_data(fresh.film, "box", fresh._nudges)
        assert json.loads(json.dumps({key: widget.film[key] for key in same})) == json.loads(json.dumps(same))


def test_the_graph_and_its_gradients_stay_as_they_are() -> None:
    root = make()
    root.backward()
    nodes = graph_nodes(root)
    before = [(node.data, node.grad) for node in nodes]
    play(root, names={}).live().values = [5.0, 6.0]
    assert [(node.data, node.grad) for node in nodes] == before
    assert len(graph_nodes(root)) == len(nodes)


def test_names_lines_and_choices_come_along() -> None:
    with record_source():
        a, b = Value(2.0), Value(-3.0)
        loss = (a * b + a).tanh()
    widget = play(loss, of=a).live()
    first = widget.film
    widget.values = [1.0, 0.5]
    assert widget.film["names"] == first["names"]
    assert widget.film["lines"] == first["lines"]
    assert len(widget.film["frames"]["kind"]) == len(first["frames"]["kind"])


def test_what_cannot_be_computed_is_told() -> None:
    x = Value(2.0, label="x")
    widget = play(x.log() + x, names={}).live()
    before = widget.film
    widget.values = [1.0, 2.0]
    assert widget.problem.startswith("ValueError: ")
    assert widget.film == before
    widget.values = [3.0]
    assert widget.problem == ""
    assert widget.film["rows"][0][1] == "x = 3"


def test_tensors_are_refused_with_the_remedy() -> None:
    w = Tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(GraphError, match=r"play\(loss, element=...\)"):
        play((w * w).sum()).live()


@pytest.fixture
def without_anywidget(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(sys.modules, "anywidget", None)
    live._widget_kind.cache_clear()
    yield
    live._widget_kind.cache_clear()


def test_the_missing_extra_is_named(without_anywidget: None) -> None:
    with pytest.raises(ImportError, match=r"needs anywidget, .*: pip install 'gradwalk\[live\]'"):
        play(make(), names={}).live()


def test_the_page_is_sent_no_more_than_it_shows() -> None:
    widget = play(make(), names={}).live()
    assert set(widget.get_state()) >= {"_esm", "film", "inputs", "values", "problem"}
    assert "innerHTML" not in widget._esm
    assert "http" not in widget._esm.replace("http://www.w3.org", "")
    assert "export default" in widget._esm
