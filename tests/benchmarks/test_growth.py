"""Growth: the verdict from made-up costs, the measuring of them, the table and the JSON."""

import json

import pytest

from benchmarks import growth
from benchmarks.growth import Growth


@pytest.mark.parametrize(
    "costs, verdict",
    [
        ({10: 1.0, 100: 1.19}, "stays within 20 %"),
        ({10: 1.0, 100: 1.21, 1000: 1.0}, "GROWS by 21 %"),  # at any size, not only at the last
        ({10: 2.0, 100: 1.0}, "stays within 20 %"),  # cheaper is no growth
        ({1000: 3.0, 10: 1.0}, "GROWS by 200 %"),  # of the smallest size, in whichever order
    ],
)
def test_the_verdict(costs, verdict):
    assert Growth("work", "node", "s", costs).verdict == verdict


def test_the_table_has_a_column_for_each_size_and_says_what_is_missing():
    rows = [
        Growth("Value, eager", "node", "s", {10_000: 1e-6, 100_000: 2e-6}),
        Growth("Value, memory", "node", "bytes", {10_000: 150.0}),
        Growth("Value, replay fast", "", "s", {}, "not measured: numba is not installed"),
    ]
    lines = growth.table(rows).splitlines()
    assert lines[2].split() == [
        "Value,",
        "eager",
        "node",
        "10,000",
        "1",
        "µs",
        "100,000",
        "2",
        "µs",
        "GROWS",
        "by",
        "100",
        "%",
    ]
    assert lines[3].split() == ["Value,", "memory", "node", "10,000", "150", "bytes", "stays", "within", "20", "%"]
    assert lines[4].endswith("not measured: numba is not installed")
    assert lines[2].index("GROWS") == lines[3].index("stays")


def test_the_least_time_of_steps_that_take_turns(monkeypatch):
    now, order = [0.0], []
    monkeypatch.setattr(growth.time, "process_time", lambda: now[0])

    def step(size, times):
        left = iter(times)

        def run():
            order.append(size)
            now[0] += next(left)

        return run

    steps = {10: step(10, [9, 3, 2, 4]), 20: step(20, [9, 5, 7, 6])}
    assert growth.least_seconds(steps, rounds=3) == {10: 2, 20: 5}
    assert order == [10, 20] * 4


def test_a_perceptron_has_about_as_many_nodes_as_are_asked_for():
    from benchmarks.workers.node_bytes import count_nodes

    for nodes in (2_000, 6_500):
        loss, parameters = growth._perceptron(nodes)
        assert count_nodes(loss(growth._leaves(parameters))) == pytest.approx(nodes + 1_350, rel=0.1)


@pytest.mark.uncounted
def test_each_kind_of_work_is_measured_for_true():
    for row in growth.scalars("Value", "eager", (2_000, 4_000)):
        assert row.costs.keys() == {2_000, 4_000}
        assert all(1e-8 < cost < 1e-3 for cost in row.costs.values()) or row.unit == "bytes"
    seconds, memory = growth.network("CNN", "eager", (1, 2))
    assert 1e-5 < seconds.costs[2] < 1
    assert 10_000 < memory.costs[2] < 10_000_000
    (drawn,) = growth.drawing("drawing", (700,))
    assert 1e-6 < drawn.costs[700] < 1e-2


def test_what_breaks_is_told_and_the_rest_goes_on(monkeypatch, tmp_path, capsys):
    def breaks():
        raise ZeroDivisionError("no")

    works = [("first", breaks), ("second", lambda: [Growth("second", "node", "s", {10: 1.0})])]
    monkeypatch.setattr(growth, "measurements", lambda sizes: works)
    assert growth.main(["--output", str(tmp_path / "growth.json")]) == 1
    assert "failed: ZeroDivisionError: no" in capsys.readouterr().out
    rows = json.loads((tmp_path / "growth.json").read_text(encoding="utf-8"))["rows"]
    assert [row["costs"] for row in rows] == [{}, {"10": 1.0}]
    assert growth.main(["--only", "second", "--output", str(tmp_path / "growth.json")]) == 0
